import type { Attachment } from '../attachment.ts'
import type { PluginConfig } from '../config/network-list.ts'

/** What a plugin is told besides what it does. */
const framing: ReadonlySet<string> = new Set(['type', 'name', 'cniVersion', 'capabilities'])

const isBare = (plugin: PluginConfig): boolean => Object.keys(plugin).every(key => framing.has(key))

/**
 * Whether a plugin of the reference set has nothing to do for an attachment, as its documentation says: portmap without a
 * port, tuning without anything to set. Most containers need neither, and starting one costs as much as a tenth of an ADD.
 */
export function isIdle(plugin: PluginConfig, { args = [], capabilityArgs = {} }: Attachment): boolean {
  if (plugin.type === 'portmap') return !capabilityArgs.portMappings?.length
  if (plugin.type !== 'tuning' || !isBare(plugin)) return false
  return capabilityArgs.mac === undefined && args.every(([key]) => key !== 'MAC')
}
