import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { output } from '@libpod/test-kit'
import test from 'ava'
import {
  type ContainerConnection,
  connectContainer,
  disconnectContainer,
  withInterfaces,
} from '../../src/networks/attach.ts'
import { ownEntries } from '../../src/networks/files.ts'
import { createContainerNetns, newNetnsPath, removeContainerNetns } from '../../src/networks/netns.ts'
import type { NetworkAttachment } from '../../src/spec/network.ts'
import { type NetworkRoom, networkRoom } from './rooms.ts'

function connection(
  t: Parameters<typeof networkRoom>[0],
  networks: readonly NetworkAttachment[],
): ContainerConnection & { readonly netns: string } {
  const netns = newNetnsPath('no')
  createContainerNetns(netns)
  t.teardown(async () => removeContainerNetns(netns))
  const id = randomBytes(32).toString('hex')
  return {
    id,
    name: 'box',
    netns,
    networks: withInterfaces(networks, { defaultNetwork: 'podman', aliases: [] }),
    ports: [],
  }
}

const inside = (netns: string, ...args: readonly string[]): Promise<string> =>
  output('nsenter', [`--net=${netns}`, ...args])

async function twoNetworks({ networks, mark, subnet }: NetworkRoom): Promise<readonly [string, string]> {
  for (const suffix of ['a', 'b']) await networks.create({ name: `${mark}${suffix}`, subnets: [{ subnet: subnet() }] })
  return [`${mark}a`, `${mark}b`]
}

test.serial('containers on one bridge reach each other; nothing is left afterwards', async t => {
  const room = await networkRoom(t)
  const [a, b] = await twoNetworks(room)
  const first = connection(t, [{ name: a, staticMac: '02:00:00:00:00:07' }, { name: b }])
  const second = connection(t, [{ name: a }])
  const status = await connectContainer(room.rooms, first)
  await connectContainer(room.rooms, second)
  t.deepEqual(Object.keys(status), [a, b])
  t.is(status[a]?.interfaces.eth0?.mac, '02:00:00:00:00:07')
  t.truthy(status[b]?.interfaces.eth1?.subnets[0]?.gateway)
  const [address] = ownEntries(status, ['box'])
  await inside(second.netns, 'busybox', 'ping', '-c', '1', '-W', '5', address?.ip ?? '')
  await disconnectContainer(room.rooms, first)
  await disconnectContainer(room.rooms, first)
  await disconnectContainer(room.rooms, { ...second, netns: undefined })
  t.false((await inside(first.netns, 'ip', '-o', 'link')).includes('eth0'))
  const left = (await readdir('/var/lib/cni/results')).filter(
    name => name.includes(first.id) || name.includes(second.id),
  )
  t.deepEqual(left, [])
  await room.networks.remove(a)
  t.false(existsSync(`/var/lib/cni/networks/${a}`))
})

test.serial('a static address is given, or the whole attachment is undone', async t => {
  const room = await networkRoom(t)
  const [a, b] = await twoNetworks(room)
  const subnet = (await room.networks.inspect(a)).subnets[0]?.subnet ?? ''
  const wanted = subnet.replace(/0\/24$/, '77')
  const good = connection(t, [{ name: a, staticIps: [wanted] }])
  const status = await connectContainer(room.rooms, good)
  t.is(status[a]?.interfaces.eth0?.subnets[0]?.ipnet, `${wanted}/24`)
  const taken = connection(t, [{ name: b }, { name: a, staticIps: [wanted] }])
  const error = await t.throwsAsync(connectContainer(room.rooms, taken), { code: 'NETWORK_FAILED' })
  t.regex(error?.message ?? '', /not available|already/)
  t.false((await inside(taken.netns, 'ip', '-o', 'link')).includes('eth'))
  await t.throwsAsync(connectContainer(room.rooms, connection(t, [{ name: 'nothing' }])), { code: 'NETWORK_UNKNOWN' })
  await disconnectContainer(room.rooms, good)
})

test.serial('many containers are plugged in at once', async t => {
  const room = await networkRoom(t)
  const [a] = await twoNetworks(room)
  const many = Array.from({ length: 8 }, () => connection(t, [{ name: a }]))
  const plugIn = (each: (typeof many)[number]) => connectContainer(room.rooms, each)
  // Tests beside this one take their bridges away, of the same name at times, while the plugin looks.
  const again = (each: (typeof many)[number]) => (error: unknown) => {
    if (/no such network interface|Link not found/.test(String(error))) return plugIn(each)
    throw error
  }
  const all = await Promise.all(many.map(each => plugIn(each).catch(again(each))))
  const addresses = all.map(status => status[a]?.interfaces.eth0?.subnets[0]?.ipnet)
  t.is(new Set(addresses).size, 8)
  await Promise.all(many.map(each => disconnectContainer(room.rooms, each)))
})
