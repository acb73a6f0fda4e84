import test from 'ava'
import { inspectNetwork } from '../../src/containers/inspect-network.ts'
import type { NetworkStatus } from '../../src/networks/backend.ts'
import type { ContainerRecord, ContainerStatus } from '../../src/state/container.ts'

const id = '0123456789abcdef'

/** A running container in networks of these names, each with an address of its own. */
function inspected(...names: readonly string[]) {
  const config = { spec: {}, ports: [], networks: names.map(name => ({ name, aliases: ['own'] })) }
  const networks = Object.fromEntries(
    names.map((name, at) => [
      name,
      { interfaces: { eth0: { mac: 'aa:bb', subnets: [{ ipnet: `10.0.${at}.2/24`, gateway: `10.0.${at}.1` }] } } },
    ]),
  ) as unknown as Readonly<Record<string, NetworkStatus>>
  const record = { id, config } as unknown as ContainerRecord
  const status: ContainerStatus = { state: 'running', restarts: 0, networks }
  return inspectNetwork(record, status, { exposed: ['80/tcp'], usual: 'podman' })
}

test('an address outside the list of networks is the one of the usual network, where that is the only one', t => {
  t.like(inspected('podman'), { IPAddress: '10.0.0.2', Gateway: '10.0.0.1', IPPrefixLen: 24, MacAddress: 'aa:bb' })
  for (const names of [['other'], ['podman', 'other'], []])
    t.like(inspected(...names), { IPAddress: '', Gateway: '', IPPrefixLen: 0, MacAddress: '' }, names.join())
})

test('networks are told of by their ids, with addresses and aliases', t => {
  const { Networks, Ports } = inspected('podman', 'other')
  t.like(Networks, {
    // As `network inspect` says.
    podman: { NetworkID: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9', IPAddress: '10.0.0.2' },
    other: { IPAddress: '10.0.1.2', Aliases: ['own', id.slice(0, 12)] },
  })
  t.deepEqual(Ports, { '80/tcp': null })
})
