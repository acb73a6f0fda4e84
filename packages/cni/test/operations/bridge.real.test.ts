import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { attach, cachedAttachment, check, detach, gc, parseConflist } from '../../src/index.ts'
import { bridgeList, inNamespace, pluginDirs, run, type TestNetwork, testNetwork } from '../support/network.ts'

const optionsOf = (net: TestNetwork) => ({ pluginDirs, cacheDir: join(net.directory, 'cache'), runner: net.runner })
const leases = async (net: TestNetwork) => {
  const names = await readdir(join(net.directory, 'ipam', net.name))
  return names.filter(name => /^\d/.test(name))
}

test('a container is attached, checked and detached', async t => {
  await using net = await testNetwork()
  const list = parseConflist(bridgeList(net))
  const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0' }
  const options = optionsOf(net)

  const result = await attach(list, attachment, options)
  t.is(result.cniVersion, '0.4.0')
  t.is(result.ips[0]?.address, `${net.prefix}.2/24`)
  t.is(result.ips[0]?.gateway, `${net.prefix}.1`)
  const own = result.interfaces.find(entry => entry.sandbox === net.netns)
  t.is(own?.name, 'eth0')
  t.true((await inNamespace(net, 'ip', '-4', 'addr', 'show', 'eth0')).includes(`${net.prefix}.2/24`))
  t.true((await inNamespace(net, 'ip', 'route')).includes(`default via ${net.prefix}.1`))
  await t.notThrowsAsync(check(list, attachment, options))

  await inNamespace(net, 'ip', 'addr', 'flush', 'dev', 'eth0')
  await t.throwsAsync(check(list, attachment, options), { name: 'CniError' })

  await detach(list, attachment, options)
  t.deepEqual(await leases(net), [])
  t.false((await inNamespace(net, 'ip', 'link')).includes('eth0'))
  t.is(await cachedAttachment(options.cacheDir, list, attachment), undefined)
  await t.notThrowsAsync(detach(list, attachment, options), 'a second time')
})

test('what was attached is remembered as libcni writes it', async t => {
  await using net = await testNetwork()
  const list = parseConflist(bridgeList(net))
  const options = optionsOf(net)
  const args = [['IgnoreUnknown', '1'] as const, ['K8S_POD_NAME', 'web'] as const]
  const capabilityArgs = { ips: [`${net.prefix}.77`] }
  const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0', args, capabilityArgs }
  const result = await attach(list, attachment, options)
  t.is(result.ips[0]?.address, `${net.prefix}.77/24`)

  const path = join(options.cacheDir, 'results', `${net.name}-c1-eth0`)
  const file = JSON.parse(await readFile(path, 'utf8'))
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.is((await stat(join(options.cacheDir, 'results'))).mode & 0o777, 0o700)
  t.is(file.kind, 'cniCacheV1')
  t.is(Buffer.from(file.config, 'base64').toString(), bridgeList(net))
  t.deepEqual([file.containerId, file.ifName, file.networkName, file.netns], ['c1', 'eth0', net.name, net.netns])
  t.deepEqual(file.cniArgs, args)
  t.deepEqual(file.capabilityArgs, capabilityArgs)
  t.is(file.result.ips[0].version, '4')
  t.deepEqual(await readdir(options.cacheDir), ['results'])
  await detach(list, { containerId: 'c1', ifName: 'eth0' }, options)
})

test('two networks give a container two interfaces', async t => {
  await using net = await testNetwork()
  await using other = await testNetwork()
  const options = optionsOf(net)
  const [first, second] = [parseConflist(bridgeList(net)), parseConflist(bridgeList(other))]
  await attach(first, { containerId: 'c1', netns: net.netns, ifName: 'eth0' }, options)
  const result = await attach(second, { containerId: 'c1', netns: net.netns, ifName: 'eth1' }, options)
  t.is(result.ips[0]?.address, `${other.prefix}.2/24`)
  t.regex(await inNamespace(net, 'ip', '-br', 'addr'), /eth0@.*\n.*eth1@/)
  await detach(second, { containerId: 'c1', netns: net.netns, ifName: 'eth1' }, options)
  await detach(first, { containerId: 'c1', netns: net.netns, ifName: 'eth0' }, options)
  t.deepEqual([...(await leases(net)), ...(await leases(other))], [])
})

test("attaching twice is the plugin's error, with its number", async t => {
  await using net = await testNetwork()
  const list = parseConflist(bridgeList(net))
  const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0' }
  await attach(list, attachment, optionsOf(net))
  const error = await t.throwsAsync(attach(list, attachment, optionsOf(net)), { code: 'PLUGIN_FAILED' })
  t.like(error, { number: 999, subject: 'bridge' })
  await detach(list, attachment, optionsOf(net))
})

test('detaching works when the namespace is gone, with and without its path', async t => {
  await using net = await testNetwork()
  const list = parseConflist(bridgeList(net))
  for (const netns of [net.netns, undefined]) {
    const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0' }
    await attach(list, attachment, optionsOf(net))
    t.is((await leases(net)).length, 1)
    await run('ip', ['netns', 'del', net.namespace])
    await detach(list, { containerId: 'c1', ifName: 'eth0', ...(netns ? { netns } : {}) }, optionsOf(net))
    t.deepEqual(await leases(net), [])
    await run('ip', ['netns', 'add', net.namespace])
  }
})

test('garbage collection takes what is not named', async t => {
  await using net = await testNetwork()
  await using other = await testNetwork()
  const list = parseConflist(bridgeList(net))
  const options = optionsOf(net)
  await attach(list, { containerId: 'stale', netns: net.netns, ifName: 'eth0' }, options)
  await attach(list, { containerId: 'live', netns: other.netns, ifName: 'eth0' }, options)
  await gc(parseConflist(bridgeList(net, { disableGC: 'true' })), [], options)
  t.is((await leases(net)).length, 2, 'a network may refuse it')
  await gc(list, [{ containerId: 'live', ifName: 'eth0' }], options)
  t.deepEqual(await leases(net), [`${net.prefix}.3`])
  t.false((await inNamespace(net, 'ip', 'link')).includes('eth0'))
  await gc(list, [], options)
  t.deepEqual(await leases(net), [])
})

test('ports are published to a plugin that takes them, and taken away', async t => {
  await using net = await testNetwork()
  const base = JSON.parse(bridgeList(net))
  const portmap = { type: 'portmap', capabilities: { portMappings: true } }
  const list = parseConflist(JSON.stringify({ ...base, plugins: [...base.plugins, portmap, { type: 'tuning' }] }))
  const hostPort = 8080
  const capabilityArgs = {
    portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' as const, hostIP: '127.0.0.1' }],
  }
  const attachment = { containerId: 'c1', netns: net.netns, ifName: 'eth0', capabilityArgs }
  await attach(list, attachment, optionsOf(net))
  const rules = () => net.onHost('iptables-save', '-t', 'nat')
  t.true((await rules()).includes(`--dport ${hostPort} -j DNAT --to-destination ${net.prefix}.2:80`))
  await detach(list, { containerId: 'c1', ifName: 'eth0' }, optionsOf(net))
  t.false((await rules()).includes(`--dport ${hostPort} `))
})
