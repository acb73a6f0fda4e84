import { statSync } from 'node:fs'
import { listNetworks, type NetworkList, parseConflist } from '@libpod/cni'
import { LibpodError } from '../errors.ts'
import { timestamp } from '../timestamp.ts'
import { firstAddress, formatAddress, parseSubnet } from './addresses.ts'
import { conflistText, networkId, recordOf } from './conflist.ts'
import type { NetworkRecord } from './networks.ts'
import type { NetworkSettings } from './settings.ts'

/** A network as configured: the plugins to run and what they mean. The default one may have no file. */
export interface KnownNetwork {
  readonly record: NetworkRecord
  readonly list: NetworkList
  readonly path?: string
}

/** Every network by name. A file that cannot be used is left out, as Podman leaves it out. */
export async function loadNetworks(settings: NetworkSettings): Promise<ReadonlyMap<string, KnownNetwork>> {
  const files = await listNetworks(settings.configDir)
  const known = files.map(({ path, list }) => ({
    record: recordOf(list, timestamp(statSync(path).ctime)),
    list,
    path,
  }))
  const networks = new Map<string, KnownNetwork>(known.map(each => [each.record.name, each]))
  if (!networks.has(settings.defaultNetwork)) networks.set(settings.defaultNetwork, defaultNetwork(settings))
  return networks
}

/** What distributions ship as a file, held in memory where they do not. */
function defaultNetwork({ defaultNetwork: name, defaultSubnet }: NetworkSettings): KnownNetwork {
  const subnet = parseSubnet(defaultSubnet)
  if (!subnet)
    throw new LibpodError('CONFIG_INVALID', `default_subnet ${JSON.stringify(defaultSubnet)} is not a subnet`)
  const record: NetworkRecord = {
    name,
    id: networkId(name),
    driver: 'bridge',
    interface: 'cni-podman0',
    created: timestamp(),
    subnets: [{ subnet: defaultSubnet, gateway: formatAddress(firstAddress(subnet)) }],
    routes: [],
    ipv6: subnet.family === 6 ? 'yes' : 'no',
    internal: 'no',
    dns: 'no',
    labels: {},
    options: {},
    ipam: { driver: 'host-local' },
  }
  return { record, list: parseConflist(conflistText(record, { dnsname: 'no' })) }
}

/** By name, id or unique id prefix. @throws LibpodError NETWORK_UNKNOWN, NAME_AMBIGUOUS */
export function findNetwork(networks: ReadonlyMap<string, KnownNetwork>, text: string): KnownNetwork {
  const named = networks.get(text)
  if (named) return named
  const found = text === '' ? [] : [...networks.values()].filter(({ record }) => record.id.startsWith(text))
  const [only] = found
  if (only && found.length === 1) return only
  if (only) throw new LibpodError('NAME_AMBIGUOUS', `more than one result for network ID ${text}`, { subject: text })
  throw new LibpodError('NETWORK_UNKNOWN', `unable to find network with name or ID ${text}: network not found`, {
    subject: text,
  })
}
