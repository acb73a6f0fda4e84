import type { AccessOptions } from '../transports/transport.ts'

/** Whose files are meant: within the user namespace of a rootless tool its user's, of whom the environment tells; -1 where users have no numbers. */
export function userId({ env = process.env }: AccessOptions): number {
  const outer = env._CONTAINERS_ROOTLESS_UID ?? ''
  return /^[0-9]{1,10}$/.test(outer) ? Number(outer) : (process.getuid?.() ?? -1)
}
