import type { Attachment } from '../attachment.ts'
import { cachedAttachments, defaultCacheDir } from '../cache/cache.ts'
import type { CachedAttachment } from '../cache/entry.ts'
import type { NetworkList } from '../config/network-list.ts'
import { parseConflist } from '../config/parse.ts'
import { pluginEnvironment } from '../plugin/environment.ts'
import { executePlugin } from '../plugin/execute.ts'
import { pluginInput } from '../plugin/input.ts'
import { atLeast } from '../version.ts'
import { detach } from './detach.ts'
import type { NetworkOptions } from './options.ts'

/** Names an attachment of a network. */
export type ValidAttachment = Pick<Attachment, 'containerId' | 'ifName'>

/**
 * GC: removes what is left of attachments that are not in `valid`: DEL of each remembered one, then (version 1.1.0) the
 * plugins' own GC. Does nothing when the network says `disableGC`. All is tried before failures are thrown.
 * @throws AggregateError of CniError
 */
export async function gc(list: NetworkList, valid: readonly ValidAttachment[], options: NetworkOptions): Promise<void> {
  if (list.disableGC) return
  const failures = [...(await detachStale(list, valid, options)), ...(await collect(list, valid, options))]
  if (failures.length > 0) throw new AggregateError(failures, `garbage collection of network "${list.name}" failed`)
}

async function detachStale(list: NetworkList, valid: readonly ValidAttachment[], options: NetworkOptions) {
  const cached = await cachedAttachments(options.cacheDir ?? defaultCacheDir)
  const stale = cached.filter(entry => entry.networkName === list.name && !isValid(entry.attachment, valid))
  const failures: unknown[] = []
  for (const entry of stale) {
    await detach(configOf(entry, list), entry.attachment, options).catch(error => failures.push(error))
    options.signal?.throwIfAborted()
  }
  return failures
}

const isValid = (attachment: Attachment, valid: readonly ValidAttachment[]) => {
  return valid.some(({ containerId, ifName }) => {
    return attachment.containerId === containerId && attachment.ifName === ifName
  })
}

/** The plugins that made an attachment know best how to undo it. */
function configOf(entry: CachedAttachment, list: NetworkList): NetworkList {
  try {
    const own = parseConflist(entry.config)
    return own.name === list.name && own.plugins.length > 0 ? own : list
  } catch {
    return list
  }
}

async function collect(list: NetworkList, valid: readonly ValidAttachment[], options: NetworkOptions) {
  const failures: unknown[] = []
  if (!atLeast(list.cniVersion, '1.1.0')) return failures
  const env = pluginEnvironment('GC', undefined, options)
  for (const plugin of list.plugins) {
    const stdin = pluginInput(list, plugin, { validAttachments: valid })
    await executePlugin(plugin.type, { env, stdin }, options).catch(error => failures.push(error))
    options.signal?.throwIfAborted()
  }
  return failures
}
