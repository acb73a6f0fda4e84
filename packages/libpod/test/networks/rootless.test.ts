import test from 'ava'
import type { Forward } from '../../src/networks/programs/slirp4netns/forward.ts'
import { planBinds } from '../../src/networks/rootless/binds.ts'
import { inNamespace, missingForwards, publish, surplusForwards } from '../../src/networks/rootless/forwards.ts'
import { rootlessPlaces } from '../../src/networks/rootless/places.ts'

const forward = (hostIp: string, hostPort: number, guestPort = hostPort): Forward => ({
  ...{ protocol: 'tcp', hostIp, hostPort, guestPort },
})

test('a published port keeps its number in the namespace, but for one that another container has there', t => {
  const range = { protocol: 'tcp', hostPort: 8080, containerPort: 80, range: 2 } as const
  const alone = publish([range], [])
  t.deepEqual(alone, [
    { ...forward('0.0.0.0', 8080), containerPort: 80 },
    { ...forward('0.0.0.0', 8081), containerPort: 81 },
  ])
  const second = { protocol: 'tcp', hostIp: '127.0.0.2', hostPort: 8080, containerPort: 80 } as const
  const beside = publish([second, { ...second, protocol: 'udp' }], [forward('127.0.0.1', 8080), forward('', 1, 65535)])
  t.deepEqual(
    beside.map(({ protocol, hostPort, guestPort }) => [protocol, hostPort, guestPort]),
    [
      ['tcp', 8080, 65534],
      ['udp', 8080, 8080],
    ],
  )
  t.deepEqual(inNamespace(beside)[0], { protocol: 'tcp', hostPort: 65534, containerPort: 80 })
  t.throws(() => publish([{ ...second, protocol: 'sctp' }], []), { code: 'NETWORK_FAILED' })
})

test('what is published is made what is wanted', t => {
  const held = [
    { ...forward('0.0.0.0', 1), id: 4 },
    { ...forward('0.0.0.0', 2), id: 5 },
  ]
  const wanted = [forward('0.0.0.0', 2), forward('127.0.0.1', 1)]
  t.deepEqual(surplusForwards(held, wanted), [held[0]] as typeof held)
  t.deepEqual(missingForwards(held, wanted), [forward('127.0.0.1', 1)])
})

const places = rootlessPlaces('/run/user/7/containers')
const { directory } = places

test('what plugins see of the host: /run and /var/lib/cni are the user’s, but the user’s own part of /run', t => {
  const facts = {
    runtimeDirectory: '/run/user/7',
    nearestToCni: '/var/lib/cni',
    resolvConf: '/etc/resolv.conf',
  } as const
  t.deepEqual(planBinds(places, facts), {
    binds: [
      { source: '/run/user/7', target: `${directory}/run/user/7` },
      { source: `${directory}/run`, target: '/run' },
      { source: `${directory}/var/lib/cni`, target: '/var/lib/cni' },
      { source: `${directory}/resolv.conf`, target: '/etc/resolv.conf' },
    ],
    resolvConf: `${directory}/resolv.conf`,
  })
})

test('a file of resolvers below /run is replaced there; without /var/lib/cni the directory above is the user’s', t => {
  const link = '/run/systemd/resolve/stub-resolv.conf'
  t.deepEqual(planBinds(places, { runtimeDirectory: '/tmp/u', nearestToCni: '/var/lib', resolvConf: link }), {
    binds: [
      { source: `${directory}/run`, target: '/run' },
      { source: `${directory}/var/lib`, target: '/var/lib' },
    ],
    resolvConf: `${directory}/run/systemd/resolve/stub-resolv.conf`,
  })
  t.is(planBinds(places, { runtimeDirectory: '/tmp/u', nearestToCni: '/var/lib' }).binds.length, 2)
})
