import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { type Teardown, tempDir } from '@libpod/test-kit'
import type { EngineConfig } from '../../src/config/engine-config.ts'
import type { ResolvedOptions } from '../../src/engine.ts'
import { createEvents } from '../../src/events/service.ts'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Networks } from '../../src/networks/networks.ts'
import type { NetworkRooms } from '../../src/networks/rooms.ts'
import { createNetworks } from '../../src/networks/service.ts'
import { openState } from '../../src/state/state.ts'

export interface NetworkRoom {
  readonly networks: Networks
  readonly rooms: NetworkRooms
  readonly directory: string
  /** Names and subnets that no other test has. */
  readonly mark: string
  subnet(): string
}

/** Networks of one directory, taken away with their bridges when the test ends. No containers. */
export async function networkRoom(t: Teardown): Promise<NetworkRoom> {
  const directory = await tempDir(t, 'networks')
  const state = openState(join(directory, 'state.db'))
  t.teardown(async () => state[Symbol.dispose]())
  const config = {
    network: {
      cniPluginDirs: ['/usr/lib/cni', '/opt/cni/bin'],
      defaultNetwork: 'podman',
      defaultSubnet: '10.88.0.0/16',
      defaultSubnetPools: [{ base: '10.208.0.0/13', size: 24 }],
    },
  } as unknown as EngineConfig
  const rooms = {
    options: { networkConfigDir: join(directory, 'net.d'), rootless: 'no' } as ResolvedOptions,
    config,
    host: readHostFacts(),
    state,
    containers: {} as NetworkRooms['containers'],
    events: createEvents({ backend: 'none', uid: 0, path: '', maxBytes: 0 }),
  }
  const networks = createNetworks(rooms)
  t.teardown(async () => void (await networks.prune()))
  const mark = `t${randomInt(36 ** 6).toString(36)}`
  let next = randomInt(200)
  const third = randomInt(256)
  return { networks, rooms, directory, mark, subnet: () => `10.${216 + (next % 8)}.${(third + next++) % 256}.0/24` }
}
