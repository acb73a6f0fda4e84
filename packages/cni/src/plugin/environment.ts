import type { Attachment } from '../attachment.ts'

export type Command = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION'

/** Where plugins find iptables, ip and modprobe even when the caller's PATH is a user's. */
const systemPath = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']

/**
 * The environment of a plugin (specification, "Parameters"): PATH, what the caller adds, and CNI's own variables. Nothing
 * else of the caller's environment reaches a plugin.
 */
export function pluginEnvironment(
  command: Command,
  attachment: Attachment | undefined,
  options: { readonly pluginDirs: readonly string[]; readonly env?: Readonly<Record<string, string>> | undefined },
): Readonly<Record<string, string>> {
  return {
    PATH: systemPath.join(':'),
    ...options.env,
    CNI_COMMAND: command,
    CNI_PATH: options.pluginDirs.join(':'),
    ...(attachment ? attachmentVariables(attachment) : {}),
  }
}

function attachmentVariables({ containerId, netns, ifName, args }: Attachment): Readonly<Record<string, string>> {
  return {
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns ?? '',
    CNI_IFNAME: ifName,
    CNI_ARGS: (args ?? []).map(pair => pair.join('=')).join(';'),
  }
}
