import test from 'ava'
import { type CniVersion, parseResult, supportedVersions, writeResult } from '../../src/index.ts'

const old = {
  ip4: {
    ip: '10.1.2.3/24',
    gateway: '10.1.2.1',
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.9.0.0/16', gw: '10.1.2.9' }],
  },
  ip6: { ip: 'fd00::3/64', routes: [{ dst: '::/0', gw: 'fd00::1' }] },
  dns: { nameservers: ['10.1.2.1'], search: ['a.example'] },
}
const middle = {
  cniVersion: '0.4.0',
  interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/x' }],
  ips: [
    { version: '4', interface: 0, address: '10.1.2.3/24', gateway: '10.1.2.1' },
    { version: '6', interface: 0, address: 'fd00::3/64' },
  ],
  routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: 'fd00::1' }],
}
const newest = {
  cniVersion: '1.1.0',
  interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', mtu: 1450, sandbox: '/run/netns/x', pciID: '0000:00:01.0' }],
  ips: [{ interface: 0, address: '10.1.2.3/24', gateway: '10.1.2.1' }],
  routes: [{ dst: '0.0.0.0/0', mtu: 1400, advmss: 1300, priority: 5, table: 254, scope: 0 }],
}
const text = JSON.stringify

test('an old result becomes a list of addresses, version 4 first, with the routes of both', t => {
  const result = parseResult(text({ cniVersion: '0.2.0', ...old }), '0.4.0')
  t.deepEqual(result.ips, [{ address: '10.1.2.3/24', gateway: '10.1.2.1' }, { address: 'fd00::3/64' }])
  t.deepEqual(result.routes, [...old.ip4.routes, ...old.ip6.routes])
  t.deepEqual(result.interfaces, [])
  t.is(result.cniVersion, '0.4.0')
})

test('an old result is written back as it was', t => {
  t.deepEqual(writeResult(parseResult(text(old), '0.2.0'), '0.2.0'), { cniVersion: '0.2.0', ...old })
})

test('families are filled in for 0.3.0 to 0.4.0 and dropped from 1.0.0 on', t => {
  const result = parseResult(text(middle), '0.4.0')
  t.deepEqual(writeResult(result, '0.4.0'), middle)
  for (const version of ['1.0.0', '1.1.0'] as const) {
    const written = writeResult(result, version)
    t.deepEqual(written, {
      ...middle,
      cniVersion: version,
      ips: middle.ips.map(({ version: _family, ...ip }) => ip),
    })
    t.deepEqual(writeResult(parseResult(text(written), '0.4.0'), '0.4.0'), middle)
  }
})

test('a family that the plugin did not name is found', t => {
  const result = parseResult(text({ ...middle, ips: [{ address: '10.0.0.1/8' }, { address: '::1/128' }] }), '0.4.0')
  t.deepEqual(writeResult(result, '0.3.1').ips, [
    { version: '4', address: '10.0.0.1/8' },
    { version: '6', address: '::1/128' },
  ])
})

test('what is new in 1.1.0 stays there', t => {
  const result = parseResult(text(newest), '1.1.0')
  t.deepEqual(writeResult(result, '1.1.0'), newest)
  t.deepEqual(writeResult(result, '1.0.0'), {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/x' }],
    ips: newest.ips,
    routes: [{ dst: '0.0.0.0/0' }],
  })
})

test('a result without addresses cannot be written in 0.2.0', t => {
  const result = parseResult(text({ interfaces: middle.interfaces }), '0.4.0')
  t.throws(() => writeResult(result, '0.2.0'), { code: 'RESULT_NOT_CONVERTIBLE' })
  t.notThrows(() => writeResult(result, '0.3.0'))
})

test('of many addresses 0.2.0 keeps the first of each family', t => {
  const ips = ['10.0.0.1/8', '10.0.0.2/8', 'fd00::1/64', 'fd00::2/64'].map(address => ({ address }))
  const written = writeResult(parseResult(text({ ips }), '1.0.0'), '0.2.0')
  t.deepEqual(written, { cniVersion: '0.2.0', ip4: { ip: '10.0.0.1/8' }, ip6: { ip: 'fd00::1/64' } })
})

test('versions are taken from the result, else from the configuration', t => {
  t.is(parseResult(text(old), '0.1.0').ips.length, 2)
  t.is(parseResult(text({ ...old, cniVersion: '' }), '0.2.0').ips.length, 2)
  t.is(parseResult(text(old), '1.0.0').ips.length, 0, 'the old keys mean nothing there')
  t.throws(() => parseResult(text({ ...middle, cniVersion: '9.0.0' }), '1.0.0'), { code: 'VERSION_INCOMPATIBLE' })
  t.throws(() => parseResult(text({ ...middle, cniVersion: 1 }), '1.0.0'), { code: 'VERSION_INCOMPATIBLE' })
})

test('empty parts and null are nothing', t => {
  const nothing = { interfaces: null, ips: null, routes: [], dns: {} }
  for (const version of supportedVersions.filter(version => version > '0.2.0') as readonly CniVersion[]) {
    t.deepEqual(writeResult(parseResult(text(nothing), version), version), { cniVersion: version })
  }
})
