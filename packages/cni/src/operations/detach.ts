import { type Attachment, checkAttachment } from '../attachment.ts'
import { cachedAttachment, defaultCacheDir, forgetAttachment } from '../cache/cache.ts'
import type { CachedAttachment } from '../cache/entry.ts'
import type { NetworkList } from '../config/network-list.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin } from '../plugin/execute.ts'
import { pluginInput } from '../plugin/input.ts'
import { writeResult } from '../result/convert.ts'
import { atLeast } from '../version.ts'
import { isIdle } from './idle.ts'
import type { NetworkOptions } from './options.ts'

/**
 * DEL: takes a container off a network. The plugins run in reverse; one that fails does not keep the others from cleaning
 * up, and the first failure is thrown at the end, with the attachment still remembered so that it can be tried again.
 * Safe to repeat, for an attachment that never was, and for a namespace that is gone.
 * What the attachment does not say (args, capability args) is taken from what ADD remembered.
 * @throws CniError ARGUMENT_INVALID and the plugins' codes
 */
export async function detach(list: NetworkList, attachment: Attachment, options: NetworkOptions): Promise<void> {
  checkAttachment(attachment)
  const cacheDir = options.cacheDir ?? defaultCacheDir
  // A damaged memory must not keep a container from being cleaned up.
  const cached = await cachedAttachment(cacheDir, list, attachment).catch(() => undefined)
  const failures = await removeAll(list, { ...cached?.attachment, ...attachment }, { ...options, cached })
  if (failures.length > 0) throw failures[0]
  await forgetAttachment(cacheDir, list.name, attachment)
}

type RemoveOptions = NetworkOptions & { readonly cached?: CachedAttachment | undefined }

async function removeAll(
  list: NetworkList,
  attachment: Attachment,
  options: RemoveOptions,
): Promise<readonly unknown[]> {
  const result = options.cached?.result
  const prevResult = result && atLeast(list.cniVersion, '0.4.0') ? writeResult(result, list.cniVersion) : undefined
  const env = pluginEnvironment('DEL', attachment, options)
  const failures: unknown[] = []
  for (const plugin of list.plugins.toReversed()) {
    if (options.cached && isIdle(plugin, attachment)) continue
    const stdin = pluginInput(list, plugin, { prevResult, capabilityArgs: attachment.capabilityArgs })
    try {
      await executePlugin(plugin.type, { env, stdin }, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      failures.push(error)
    }
  }
  return failures
}
