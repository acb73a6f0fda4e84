import type { NetworkList, PluginConfig } from '../config/network-list.ts'
import type { JsonObject } from '../json.ts'

export interface InputParts {
  readonly prevResult?: JsonObject | undefined
  readonly capabilityArgs?: Readonly<Record<string, unknown>> | undefined
  readonly validAttachments?: readonly { readonly containerId: string; readonly ifName: string }[] | undefined
}

/** What a plugin reads: its object of the list, with the keys that the runtime derives (specification, section 3). */
export function pluginInput(
  list: Pick<NetworkList, 'name' | 'cniVersion'>,
  plugin: PluginConfig,
  parts: InputParts = {},
): Uint8Array {
  const { prevResult: _stale, runtimeConfig: _foreign, ...own } = plugin
  const runtimeConfig = runtimeConfigOf(plugin, parts.capabilityArgs ?? {})
  const valid = parts.validAttachments?.map(({ containerId, ifName }) => ({ containerID: containerId, ifname: ifName }))
  const input = {
    ...own,
    name: list.name,
    cniVersion: list.cniVersion,
    ...(parts.prevResult ? { prevResult: parts.prevResult } : {}),
    ...(runtimeConfig ? { runtimeConfig } : {}),
    // The second name is what plugins made before the specification settled look for.
    ...(valid ? { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid } : {}),
  }
  return Buffer.from(JSON.stringify(input))
}

function runtimeConfigOf(plugin: PluginConfig, args: Readonly<Record<string, unknown>>) {
  const taken = Object.entries(args).filter(([key]) => {
    return (
      plugin.capabilities !== undefined && Object.hasOwn(plugin.capabilities, key) && plugin.capabilities[key] === true
    )
  })
  return taken.length > 0 ? Object.fromEntries(taken) : undefined
}
