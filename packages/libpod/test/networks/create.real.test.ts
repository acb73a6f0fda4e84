import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peerPodman, run } from '@libpod/test-kit'
import test from 'ava'
import type { NetworkCreateSpec } from '../../src/networks/networks.ts'
import { networkRoom } from './rooms.ts'

/** The same network as options of the command line and as a spec. */
interface Case {
  readonly title: string
  readonly args: readonly string[]
  readonly spec: NetworkCreateSpec
}

const cases: readonly Case[] = [
  { title: 'a plain bridge', args: ['--subnet', '10.223.7.0/24'], spec: { subnets: [{ subnet: '10.223.7.0/24' }] } },
  {
    title: 'everything about addresses',
    args: [
      '--subnet',
      '10.223.8.0/24',
      '--gateway',
      '10.223.8.9',
      '--ip-range',
      '10.223.8.128/25',
      '--subnet',
      'fd42:7::/64',
    ],
    spec: {
      subnets: [
        { subnet: '10.223.8.0/24', gateway: '10.223.8.9', range: '10.223.8.128/25' },
        { subnet: 'fd42:7::/64' },
      ],
    },
  },
  {
    title: 'internal',
    args: ['--internal', '--subnet', '10.223.9.0/24'],
    spec: { internal: 'yes', subnets: [{ subnet: '10.223.9.0/24' }] },
  },
  {
    title: 'labels and options',
    args: [
      '--subnet',
      '10.223.10.0/24',
      '--label',
      'a=b',
      '--opt',
      'mtu=1400',
      '--opt',
      'isolate=true',
      '--disable-dns',
    ],
    spec: {
      subnets: [{ subnet: '10.223.10.0/24' }],
      labels: { a: 'b' },
      options: { mtu: '1400', isolate: 'true' },
      dns: 'no',
    },
  },
  {
    title: 'macvlan with subnets',
    args: ['-d', 'macvlan', '--subnet', '10.223.11.0/24', '--opt', 'mode=bridge'],
    spec: { driver: 'macvlan', subnets: [{ subnet: '10.223.11.0/24' }], options: { mode: 'bridge' } },
  },
  { title: 'ipvlan with dhcp', args: ['-d', 'ipvlan'], spec: { driver: 'ipvlan' } },
]

for (const { title, args, spec } of cases) {
  test(`${title}: the file is what Podman writes`, async t => {
    const { networks, directory, mark } = await networkRoom(t)
    const podman = await peerPodman(t)
    const conf = join(directory, 'containers.conf')
    await writeFile(conf, '[network]\nnetwork_backend = "cni"\ncni_plugin_dirs = ["/usr/lib/cni"]\n')
    const [program = '', ...globals] = podman.argv
    const made = await run(program, [...globals, 'network', 'create', ...args, mark], {
      env: { ...podman.env, CONTAINERS_CONF: conf },
    })
    t.is(made.code, 0, made.stderr)
    const at = globals[globals.indexOf('--network-config-dir') + 1] ?? ''
    const theirs = (await readFile(join(at, `${mark}.conflist`), 'utf8')).replace(
      /"bridge": "cni-podman\d+"/,
      '"bridge": "B"',
    )
    await networks.create({ name: mark, ...spec })
    const path = join(directory, 'net.d', `${mark}.conflist`)
    t.is((await readFile(path, 'utf8')).replace(/"bridge": "cni-podman\d+"/, '"bridge": "B"'), theirs)
    t.is((await stat(path)).mode & 0o777, 0o644)
  })
}

test('a network without a name gets the first free one', async t => {
  const { networks } = await networkRoom(t)
  const names = ['podman1', 'podman2']
  for (const name of names) t.is((await networks.create({})).name, name)
  for (const name of names) await networks.remove(name)
})

test('a network is found by name, id and prefix, and removed', async t => {
  const { networks, mark } = await networkRoom(t)
  const made = await networks.create({ name: mark, labels: { x: 'y' } })
  t.regex(made.subnets[0]?.subnet ?? '', /^10\.2(0[89]|1[0-5])\.\d+\.0\/24$/)
  for (const name of [mark, made.id, made.id.slice(0, 10)]) t.is((await networks.inspect(name)).name, mark)
  t.deepEqual(
    (await networks.list({ label: ['x=y'] })).map(({ name }) => name),
    [mark],
  )
  t.deepEqual((await networks.list()).map(({ name }) => name).sort(), ['podman', mark].sort())
  await t.throwsAsync(networks.create({ name: mark }), {
    code: 'NAME_IN_USE',
    message: `network name ${mark} already used: network already exists`,
  })
  t.is((await networks.create({ name: mark, onNameConflict: 'ignore' })).id, made.id)
  await networks.remove(mark)
  t.false(await networks.exists(mark))
  await t.throwsAsync(networks.remove(mark), {
    code: 'NETWORK_UNKNOWN',
    message: `unable to find network with name or ID ${mark}: network not found`,
  })
  await t.throwsAsync(networks.remove('podman'), { message: 'default network podman cannot be removed' })
})

test('what cannot be is refused, and nothing is written', async t => {
  const { networks, mark } = await networkRoom(t)
  const bad: readonly [NetworkCreateSpec, RegExp][] = [
    [{ name: 'a/b' }, /names must match/],
    [{ name: mark, driver: 'overlay' }, /unsupported driver overlay/],
    [{ name: mark, subnets: [{ subnet: 'x' }] }, /invalid CIDR address: x/],
    [{ name: mark, subnets: [{ subnet: '10.223.0.0/24', gateway: '10.224.0.1' }] }, /gateway 10.224.0.1 not in subnet/],
    [{ name: mark, subnets: [{ subnet: '10.223.0.0/24', range: '10.224.0.0/28' }] }, /not in subnet/],
    [{ name: mark, options: { nonsense: '1' } }, /unsupported network option nonsense/],
    [{ name: mark, subnets: [{ subnet: '10.88.0.0/16' }] }, /already used on the host or by another config/],
    [
      { name: mark, ipamDriver: 'dhcp', subnets: [{ subnet: '10.223.0.0/24' }] },
      /dhcp ipam driver is set but subnets are given/,
    ],
  ]
  for (const [spec, message] of bad) await t.throwsAsync(networks.create(spec), { message }, JSON.stringify(spec))
  t.deepEqual(
    (await networks.list()).map(({ name }) => name),
    ['podman'],
  )
})

test('name servers of a network are refused in the words of Podman’s CNI back end, and nothing changes', async t => {
  const { networks, mark, subnet } = await networkRoom(t)
  await networks.create({ name: mark, subnets: [{ subnet: subnet() }] })
  const before = await networks.inspect(mark)
  for (const change of [{ addDnsServers: ['8.8.8.8'] }, { removeDnsServers: ['8.8.8.8'] }, {}])
    await t.throwsAsync(networks.update(mark, change), {
      code: 'UNSUPPORTED',
      message: 'NetworkUpdate is not supported for backend CNI: invalid argument',
    })
  t.deepEqual(await networks.inspect(mark), before)
})
