import type { Networks } from './networks.ts'
import { type NetworkRooms, rootlessSettings } from './rooms.ts'

/** The networks of an engine; each verb is loaded when it is first used. */
export function createNetworks(rooms: NetworkRooms): Networks {
  return {
    create: async spec => (await import('./create.ts')).createNetwork(rooms, spec),
    list: async filters => (await import('./list.ts')).listNetworks(rooms, filters),
    inspect: async name => (await import('./list.ts')).inspectNetwork(rooms, name),
    exists: async name => (await import('./list.ts')).networkExists(rooms, name),
    update: async (name, change) => (await import('./update.ts')).updateNetwork(name, change),
    remove: async (name, options) => (await import('./remove.ts')).removeNetwork(rooms, name, options),
    prune: async filters => (await import('./remove.ts')).pruneNetworks(rooms, filters),
    connect: async (network, container, attachment) =>
      (await import('./connect.ts')).connectNetwork(rooms, network, container, attachment),
    disconnect: async (network, container, how) =>
      (await import('./connect.ts')).disconnectNetwork(rooms, network, container, how),
    reload: async container => (await import('./reload.ts')).reloadNetworks(rooms, container),
    openNamespace: async () => (await import('./rootless/open.ts')).openNamespace(rootlessSettings(rooms)),
  }
}
