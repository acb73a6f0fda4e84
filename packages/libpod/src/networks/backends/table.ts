import type { NetworkBackend } from '../backend.ts'
import type { RootlessSettings } from '../rootless/backend.ts'
import type { CniSettings } from './cni/index.ts'

/** Ways to plug a namespace into networks, by their name in containers.conf's `network_backend`. */
export const networkBackends = {
  cni: async (settings: CniSettings): Promise<NetworkBackend> => (await import('./cni/index.ts')).cniBackend(settings),
  /** CNI for a plain user. */
  rootless: async (settings: RootlessSettings): Promise<NetworkBackend> =>
    (await import('../rootless/backend.ts')).rootlessBackend(settings),
}
