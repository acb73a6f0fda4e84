import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPlugin } from '@libpod/cni'
import { Lockfile } from '@libpod/storage'
import { randomBytes } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { timestamp } from '../timestamp.ts'
import { formatSubnet, freeSubnet, parseSubnet, randomLocalSubnet, type Subnet } from './addresses.ts'
import { conflistText, networkId } from './conflist.ts'
import { hostInterfaces, hostSubnets } from './host-subnets.ts'
import { type KnownNetwork, loadNetworks } from './load.ts'
import type { NetworkCreateSpec, NetworkRecord } from './networks.ts'
import { type NetworkRooms, settingsOf } from './rooms.ts'
import type { NetworkSettings } from './settings.ts'
import { checkName, checkOptions, chooseIpam, invalid, readSubnet } from './validate.ts'

/** Writes a network's conflist. @throws LibpodError NAME_IN_USE, NAME_INVALID, SPEC_INVALID */
export async function createNetwork(rooms: NetworkRooms, spec: NetworkCreateSpec): Promise<NetworkRecord> {
  const settings = settingsOf(rooms)
  await mkdir(settings.configDir, { recursive: true, mode: 0o755 })
  const { record, fresh } = await new Lockfile(settings.lockPath).hold('write', () => createLocked(settings, spec))
  if (fresh === 'yes')
    await rooms.events.write({
      type: 'network',
      status: 'create',
      id: record.id,
      network: record.name,
      attributes: { driver: record.driver },
    })
  return record
}

interface Created {
  readonly record: NetworkRecord
  readonly fresh: 'yes' | 'no'
}

async function createLocked(settings: NetworkSettings, spec: NetworkCreateSpec): Promise<Created> {
  const networks = await loadNetworks(settings)
  const existing = spec.name === undefined ? undefined : networks.get(spec.name)
  if (existing && spec.onNameConflict === 'ignore') return { record: existing.record, fresh: 'no' }
  if (existing)
    throw new LibpodError('NAME_IN_USE', `network name ${spec.name} already used: network already exists`, {
      subject: existing.record.name,
    })
  const record = await plan(settings, networks, spec)
  const dnsname = await findPlugin('dnsname', settings.pluginDirs).then(
    () => 'yes' as const,
    () => 'no' as const,
  )
  const path = join(settings.configDir, `${record.name}.conflist`)
  const temporary = join(settings.configDir, `.${record.name}.${process.pid}.tmp`)
  await writeFile(temporary, conflistText(record, { dnsname }), { mode: 0o644 })
  await rename(temporary, path)
  return { record: dnsname === 'yes' ? record : { ...record, dns: 'no' }, fresh: 'yes' }
}

async function plan(
  settings: NetworkSettings,
  networks: ReadonlyMap<string, KnownNetwork>,
  spec: NetworkCreateSpec,
): Promise<NetworkRecord> {
  const driver = spec.driver || 'bridge'
  const options = spec.options ?? {}
  const internal = spec.internal ?? 'no'
  const name = spec.name ?? freeName(networks)
  checkName(name)
  if (!['bridge', 'macvlan', 'ipvlan'].includes(driver)) throw invalid(`unsupported driver ${driver}: invalid argument`)
  if (spec.dnsServers?.length) throw invalid('NetworkDNSServers cannot be configured for backend CNI: invalid argument')
  if (spec.routes?.length) throw invalid('routes cannot be configured for backend CNI: invalid argument')
  checkOptions(options, driver)
  const ipam = chooseIpam(driver, spec.ipamDriver ?? '', spec.subnets?.length ?? 0)
  if (ipam === 'dhcp' && internal === 'yes')
    throw invalid('internal is not supported with macvlan and dhcp ipam driver')
  const subnets = ipam === 'host-local' ? await planSubnets(settings, networks, { ...spec, driver, internal }) : []
  return {
    name,
    id: networkId(name),
    driver,
    interface: await chooseInterface(networks, driver, spec.interface),
    created: timestamp(),
    subnets,
    routes: [],
    ipv6: subnets.some(({ subnet }) => subnet.includes(':')) ? 'yes' : 'no',
    internal,
    dns: spec.dns === 'no' || internal === 'yes' || ipam === 'none' || driver !== 'bridge' ? 'no' : 'yes',
    labels: spec.labels ?? {},
    options,
    ipam: { driver: ipam },
  }
}

/** `podman1`, `podman2` … */
function freeName(networks: ReadonlyMap<string, KnownNetwork>): string {
  let number = 1
  while (networks.has(`podman${number}`)) number++
  return `podman${number}`
}

type Planned = NetworkCreateSpec & { readonly driver: string; readonly internal: 'yes' | 'no' }

async function planSubnets(
  settings: NetworkSettings,
  networks: ReadonlyMap<string, KnownNetwork>,
  spec: Planned,
): Promise<NetworkRecord['subnets']> {
  const used = spec.driver === 'bridge' ? [...configured(networks), ...(await hostSubnets())] : []
  const given = (spec.subnets ?? []).map(request => readSubnet(request, { internal: spec.internal, used }))
  if (spec.driver !== 'bridge') return given
  const has = (family: 4 | 6): boolean => given.some(({ subnet }) => parseSubnet(subnet)?.family === family)
  const add = (subnet: Subnet) => readSubnet({ subnet: formatSubnet(subnet) }, { internal: spec.internal, used: [] })
  const needs4 = given.length === 0 || (spec.ipv6 === 'yes' && !has(4))
  const needs6 = spec.ipv6 === 'yes' && !has(6)
  return [
    ...given,
    ...(needs4 ? [add(free4(settings, used))] : []),
    ...(needs6 ? [add(randomLocalSubnet(randomBytes(7)))] : []),
  ]
}

function free4({ subnetPools }: NetworkSettings, used: readonly Subnet[]): Subnet {
  const subnet = freeSubnet(subnetPools, used)
  if (subnet) return subnet
  throw invalid('could not find free subnet from subnet pools')
}

const configured = (networks: ReadonlyMap<string, KnownNetwork>): readonly Subnet[] =>
  [...networks.values()].flatMap(({ record }) => record.subnets.flatMap(({ subnet }) => parseSubnet(subnet) ?? []))

/** A bridge's own name, `cni-podmanN` when none is asked for; for the others the host interface they ride on. */
async function chooseInterface(
  networks: ReadonlyMap<string, KnownNetwork>,
  driver: string,
  asked: string | undefined,
): Promise<string> {
  const live = await hostInterfaces()
  if (driver !== 'bridge') {
    if (asked !== undefined && asked !== '' && !live.includes(asked))
      throw invalid(`parent interface ${asked} does not exist`)
    return asked ?? ''
  }
  const bridges = [...networks.values()].map(({ record }) => record.interface)
  if (asked) {
    if (bridges.includes(asked)) throw invalid(`bridge name ${asked} already in use`)
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(asked) || asked.length > 15)
      throw invalid(`bridge name ${asked} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`)
    return asked
  }
  for (let number = 1; ; number++) {
    const name = `cni-podman${number}`
    if (!bridges.includes(name) && !live.includes(name)) return name
  }
}
