import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { attach, check, detach, parseConflist, supportedVersions, validateNetwork, version } from '../../src/index.ts'
import { bridgeList, inNamespace, pluginDirs, type TestNetwork, testNetwork } from '../support/network.ts'

const optionsOf = (net: TestNetwork) => ({ pluginDirs, cacheDir: join(net.directory, 'cache'), runner: net.runner })
const spoken = supportedVersions.filter(name => name !== '1.1.0')

for (const cniVersion of spoken) {
  test(`a network of version ${cniVersion}`, async t => {
    await using net = await testNetwork()
    const base = JSON.parse(bridgeList(net, { cniVersion }))
    const list = parseConflist(JSON.stringify({ ...base, plugins: [...base.plugins, { type: 'tuning' }] }))
    const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0' }
    const result = await attach(list, attachment, optionsOf(net))
    t.is(result.cniVersion, cniVersion)
    t.deepEqual(
      result.ips.map(({ address, gateway }) => ({ address, gateway })),
      [{ address: `${net.prefix}.2/24`, gateway: `${net.prefix}.1` }],
    )
    t.deepEqual(result.routes, [{ dst: '0.0.0.0/0' }])
    const cached = JSON.parse(await readFile(join(net.directory, 'cache', 'results', `${net.name}-c1-eth0`), 'utf8'))
    t.is(cached.result.cniVersion, cniVersion)
    t.is('ip4' in cached.result, cniVersion < '0.3.0')
    if (cniVersion >= '0.4.0') await check(list, attachment, optionsOf(net))
    await detach(list, attachment, optionsOf(net))
    t.false((await inNamespace(net, 'ip', 'link')).includes('eth0'))
  })
}

test('two families, bandwidth, a fixed address and hardware address', async t => {
  await using net = await testNetwork()
  const base = JSON.parse(bridgeList(net, { cniVersion: '1.0.0' }))
  const [bridge] = base.plugins
  const six = `fd00:${net.prefix.split('.').slice(1).join(':')}`
  bridge.ipam.ranges.push([{ subnet: `${six}::/64` }])
  bridge.ipam.routes.push({ dst: '::/0' })
  bridge.capabilities = { ips: true, mac: true }
  const bandwidth = { type: 'bandwidth', capabilities: { bandwidth: true } }
  const list = parseConflist(JSON.stringify({ ...base, plugins: [bridge, bandwidth] }))
  const capabilityArgs = {
    ips: [`${net.prefix}.9/24`, `${six}::9/64`],
    mac: '02:00:00:00:00:09',
    bandwidth: { ingressRate: 1_000_000, ingressBurst: 80_000, egressRate: 1_000_000, egressBurst: 80_000 },
  }
  const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0', capabilityArgs }
  t.deepEqual(await validateNetwork(list, optionsOf(net)), ['bandwidth', 'ips', 'mac'])
  const result = await attach(list, attachment, optionsOf(net))
  t.deepEqual(
    result.ips.map(ip => ip.address),
    [`${net.prefix}.9/24`, `${six}::9/64`],
  )
  const inside = result.interfaces.findIndex(entry => entry.sandbox === net.netns)
  t.is(result.interfaces[inside]?.mac, '02:00:00:00:00:09')
  t.true(result.ips.every(ip => ip.interface === inside))
  t.regex(await net.onHost('tc', 'qdisc'), /^qdisc tbf .*rate 1Mbit/m)
  await detach(list, attachment, optionsOf(net))
  t.notRegex(await net.onHost('tc', 'qdisc'), /^qdisc tbf /m)
})

test('what the installed plugins speak', async t => {
  for (const type of ['bridge', 'portmap', 'host-local', 'firewall', 'tuning', 'loopback']) {
    t.true((await version(type, { pluginDirs })).supportedVersions.includes('1.0.0'), type)
  }
})

test("a version that no plugin speaks is the plugin's error", async t => {
  await using net = await testNetwork()
  const list = parseConflist(bridgeList(net, { cniVersion: '1.1.0' }))
  const attaching = attach(list, { containerId: 'c1', netns: net.netns, ifName: 'eth0' }, optionsOf(net))
  const error = await t.throwsAsync(attaching, { code: 'VERSION_INCOMPATIBLE' })
  t.like(error, { number: 1, subject: 'bridge' })
})
