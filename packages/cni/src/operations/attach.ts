import { type Attachment, checkAttachment } from '../attachment.ts'
import { defaultCacheDir, saveAttachment } from '../cache/cache.ts'
import type { NetworkList } from '../config/network-list.ts'
import { CniError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin } from '../plugin/execute.ts'
import { pluginInput } from '../plugin/input.ts'
import { parseResult, writeResult } from '../result/convert.ts'
import type { Result } from '../result/result.ts'
import { isIdle } from './idle.ts'
import type { NetworkOptions } from './options.ts'

/**
 * ADD: connects a container to a network. The plugins run in the list's order, each with the result of the one before, which
 * is remembered. When it fails, what the earlier plugins did remains: call {@link detach} with the same attachment.
 * @throws CniError ARGUMENT_INVALID, PLUGIN_MISSING, PLUGIN_OUTPUT_INVALID and the plugins' codes
 */
export async function attach(list: NetworkList, attachment: Attachment, options: NetworkOptions): Promise<Result> {
  checkAttachment(attachment)
  const env = pluginEnvironment('ADD', attachment, options)
  const remember = (result: Result) => saveAttachment(options.cacheDir ?? defaultCacheDir, list, { attachment, result })
  let result: Result | undefined
  let prevResult: JsonObject | undefined
  for (const plugin of list.plugins) {
    if (result && isIdle(plugin, attachment)) continue
    // Plugins undo only what they are told of, and whoever is here may not live to tell them.
    if (result) await remember(result)
    const stdin = pluginInput(list, plugin, { prevResult, capabilityArgs: attachment.capabilityArgs })
    result = parseResult(await executePlugin(plugin.type, { env, stdin }, options), list.cniVersion)
    prevResult = writeResult(result, list.cniVersion)
  }
  if (!result) throw new CniError('CONFIG_INVALID', `network "${list.name}" lists no plugin`, { subject: list.name })
  await remember(result)
  return result
}
