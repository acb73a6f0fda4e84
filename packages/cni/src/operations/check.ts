import { type Attachment, checkAttachment } from '../attachment.ts'
import { cachedAttachment, defaultCacheDir } from '../cache/cache.ts'
import type { NetworkList } from '../config/network-list.ts'
import { CniError } from '../errors.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin } from '../plugin/execute.ts'
import { pluginInput } from '../plugin/input.ts'
import { writeResult } from '../result/convert.ts'
import { atLeast } from '../version.ts'
import type { NetworkOptions } from './options.ts'

/**
 * CHECK: asks each plugin whether the attachment is still as ADD left it. Does nothing when the network says `disableCheck`.
 * @throws CniError CHECK_UNSUPPORTED before version 0.4.0, ARGUMENT_INVALID, CACHE_INVALID and the plugins' codes
 */
export async function check(list: NetworkList, attachment: Attachment, options: NetworkOptions): Promise<void> {
  if (!atLeast(list.cniVersion, '0.4.0')) {
    const reason = `network "${list.name}" has CNI version ${list.cniVersion}, which does not support CHECK; 0.4.0 does`
    throw new CniError('CHECK_UNSUPPORTED', reason, { subject: list.name })
  }
  if (list.disableCheck) return
  checkAttachment(attachment)
  const cached = await cachedAttachment(options.cacheDir ?? defaultCacheDir, list, attachment)
  const whole = { ...cached?.attachment, ...attachment }
  const prevResult = cached?.result && writeResult(cached.result, list.cniVersion)
  const env = pluginEnvironment('CHECK', whole, options)
  for (const plugin of list.plugins) {
    const stdin = pluginInput(list, plugin, { prevResult, capabilityArgs: whole.capabilityArgs })
    await executePlugin(plugin.type, { env, stdin }, options)
  }
}
