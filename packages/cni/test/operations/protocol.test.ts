import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import {
  attach,
  cachedAttachment,
  check,
  detach,
  gc,
  parseConflist,
  status,
  validateNetwork,
  version,
} from '../../src/index.ts'
import { answers, fakePlugins } from '../support/fake-plugin.ts'

const attachment = { containerId: 'c1', netns: '/run/netns/x', ifName: 'eth0' }
const result = { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.0.0.2/24' }] }
const listOf = (more: object, ...plugins: readonly object[]) => {
  return parseConflist(JSON.stringify({ cniVersion: '0.4.0', name: 'net', plugins, ...more }))
}

test('plugins run in order with the result of the one before, and in reverse to detach', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  await fake.plugin('two', answers({ ...result, dns: { nameservers: ['10.0.0.1'] } }))
  const list = listOf({}, { type: 'one', own: { deep: true } }, { type: 'two', prevResult: 'stale' })
  const given = await attach(list, attachment, fake.options)
  t.deepEqual(given.dns, { nameservers: ['10.0.0.1'] })
  t.deepEqual(await fake.input('one', 'ADD'), { type: 'one', own: { deep: true }, name: 'net', cniVersion: '0.4.0' })
  t.deepEqual((await fake.input('two', 'ADD')).prevResult, result)

  await check(list, attachment, fake.options)
  await detach(list, attachment, fake.options)
  t.deepEqual(await fake.calls(), ['one.ADD', 'two.ADD', 'one.CHECK', 'two.CHECK', 'two.DEL', 'one.DEL'])
  const whole = { ...result, dns: { nameservers: ['10.0.0.1'] } }
  for (const [type, command] of [
    ['one', 'CHECK'],
    ['one', 'DEL'],
    ['two', 'DEL'],
  ] as const) {
    t.deepEqual((await fake.input(type, command)).prevResult, whole, `${type} ${command}`)
  }
})

test('a plugin gets PATH, its own variables and what the caller adds', async t => {
  process.env.NODE_OPTIONS_SECRET = 'x'
  t.teardown(() => delete process.env.NODE_OPTIONS_SECRET)
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const args = [['IgnoreUnknown', '1'] as const, ['K8S_POD_NAME', 'a=b'] as const]
  await attach(listOf({}, { type: 'one' }), { ...attachment, args }, { ...fake.options, env: { EXTRA: 'y' } })
  const { PWD: _pwd, SHLVL: _shlvl, _: _last, OLDPWD: _old, ...env } = await fake.environment('one', 'ADD')
  t.deepEqual(env, {
    PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin',
    EXTRA: 'y',
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '/run/netns/x',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=a=b',
    CNI_PATH: fake.directory,
  })
})

test('capability args reach the plugins that take them', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  await fake.plugin('two', answers(result))
  const list = listOf(
    {},
    { type: 'one', capabilities: { portMappings: true, mac: false }, runtimeConfig: { forged: 1 } },
    { type: 'two' },
  )
  const capabilityArgs = {
    portMappings: [{ hostPort: 1, containerPort: 2, protocol: 'tcp' as const }],
    mac: 'aa:bb:cc:dd:ee:ff',
    constructor: 'x',
  }
  await attach(list, { ...attachment, capabilityArgs }, fake.options)
  t.deepEqual((await fake.input('one', 'ADD')).runtimeConfig, { portMappings: capabilityArgs.portMappings })
  t.false('runtimeConfig' in (await fake.input('two', 'ADD')))
  await detach(list, { containerId: 'c1', ifName: 'eth0' }, fake.options)
  t.deepEqual((await fake.input('one', 'DEL')).runtimeConfig, { portMappings: capabilityArgs.portMappings })
  t.is((await fake.environment('one', 'DEL')).CNI_NETNS, '/run/netns/x')
})

test('portmap without a port and tuning without a setting are not started', async t => {
  const fake = await fakePlugins(t)
  for (const type of ['bridge', 'portmap', 'tuning']) await fake.plugin(type, answers(result))
  const portmap = { type: 'portmap', capabilities: { portMappings: true } }
  const bare = listOf({}, { type: 'bridge' }, portmap, { type: 'tuning', capabilities: { mac: true } })
  t.deepEqual((await attach(bare, attachment, fake.options)).ips[0]?.address, result.ips[0]?.address)
  await detach(bare, attachment, fake.options)
  const once = ['bridge.ADD', 'bridge.DEL']
  t.deepEqual(await fake.calls(), once)

  const portMappings = [{ hostPort: 1, containerPort: 2, protocol: 'tcp' as const }]
  const wanted = { ...attachment, args: [['MAC', '02:00:00:00:00:01'] as const], capabilityArgs: { portMappings } }
  await attach(bare, wanted, fake.options)
  await detach(bare, { containerId: 'c1', ifName: 'eth0' }, fake.options)
  const all = ['bridge.ADD', 'portmap.ADD', 'tuning.ADD', 'tuning.DEL', 'portmap.DEL', 'bridge.DEL']
  t.deepEqual(await fake.calls(), [...once, ...all])

  const set = listOf({}, { type: 'bridge' }, { type: 'tuning', sysctl: { 'net.ipv4.conf.IFNAME.forwarding': '1' } })
  await attach(set, attachment, fake.options)
  await detach(bare, { ...attachment, ifName: 'eth1' }, fake.options)
  const unknown = ['bridge.ADD', 'tuning.ADD', 'tuning.DEL', 'portmap.DEL', 'bridge.DEL']
  t.deepEqual(await fake.calls(), [...once, ...all, ...unknown], 'of what is not remembered all is undone')
})

test("a failing ADD is reported with the plugin's code, and plugins are told what there is to undo", async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const list = listOf({}, { type: 'one' }, { type: 'two' })
  const codes = {
    1: 'VERSION_INCOMPATIBLE',
    2: 'FIELD_UNSUPPORTED',
    3: 'UNKNOWN_CONTAINER',
    4: 'ENVIRONMENT_INVALID',
    5: 'IO_FAILED',
    6: 'DECODING_FAILED',
    7: 'NETWORK_CONFIG_REFUSED',
    8: 'NETNS_INVALID',
    11: 'TRY_AGAIN',
    50: 'PLUGIN_NOT_READY',
    51: 'PLUGIN_NOT_READY_LIMITED',
    120: 'PLUGIN_FAILED',
    999: 'PLUGIN_FAILED',
  }
  for (const [number, code] of Object.entries(codes)) {
    const error = { cniVersion: '0.4.0', code: Number(number), msg: 'no luck', details: 'at all' }
    await fake.plugin('two', `echo '${JSON.stringify(error)}'; exit 1`)
    const thrown = await t.throwsAsync(attach(list, attachment, fake.options), { code })
    t.like(thrown, {
      number: Number(number),
      subject: 'two',
      details: 'at all',
      message: 'plugin type="two" failed: no luck; at all',
    })
  }
  const had = (await cachedAttachment(fake.options.cacheDir, list, attachment))?.result
  t.deepEqual(had?.ips[0]?.address, result.ips[0]?.address)
  await fake.plugin('two', 'true')
  await detach(list, attachment, fake.options)
  t.truthy((await fake.input('two', 'DEL')).prevResult)
  t.is(await cachedAttachment(fake.options.cacheDir, list, attachment), undefined)
})

for (const [what, script, reason] of [
  ['says nothing', 'exit 4', /exit status 4$/],
  ['logs', 'echo "iptables: missing" >&2; exit 1', /exit status 1: iptables: missing$/],
  ['prints nonsense', 'echo "panic: x"; exit 2', /exit status 2: panic: x$/],
  ['is killed', 'kill -9 $$', /killed by SIGKILL$/],
] as const) {
  test(`a plugin that ${what} and fails`, async t => {
    const fake = await fakePlugins(t)
    await fake.plugin('one', script)
    const failing = attach(listOf({}, { type: 'one' }), attachment, fake.options)
    await t.throwsAsync(failing, { code: 'PLUGIN_FAILED', message: reason })
  })
}

for (const [what, output] of Object.entries({
  nothing: '',
  'half a result': '{"ips": [',
  'a list': '[]',
  'an address without prefix': '{"ips":[{"address":"10.0.0.2"}]}',
  'an address out of range': '{"ips":[{"address":"10.0.0.2/33"}]}',
  'an interface that is not there': '{"ips":[{"address":"10.0.0.2/24","interface":1}]}',
  'an interface of the prototype': '{"ips":[{"address":"10.0.0.2/24","interface":"length"}]}',
  'a route that is text': '{"routes":["0.0.0.0/0"]}',
})) {
  test(`a plugin that answers ${what}`, async t => {
    const fake = await fakePlugins(t)
    await fake.plugin('one', `echo '${output}'`)
    const failing = attach(listOf({}, { type: 'one' }), attachment, fake.options)
    await t.throwsAsync(failing, { code: 'PLUGIN_OUTPUT_INVALID' })
  })
}

test('a plugin that writes without end is stopped', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', 'exec cat /dev/zero')
  const failing = attach(listOf({}, { type: 'one' }), attachment, fake.options)
  await t.throwsAsync(failing, { code: 'PLUGIN_OUTPUT_INVALID', message: /more than/ })
})

test('a plugin that does not read its input', async t => {
  const fake = await fakePlugins(t)
  await writeFile(join(fake.directory, 'deaf'), `#!/bin/sh\necho '${JSON.stringify(result)}'`, { mode: 0o755 })
  const list = listOf({}, { type: 'deaf', padding: 'x'.repeat(1 << 20) })
  await t.notThrowsAsync(attach(list, attachment, fake.options))
})

test('an abort kills the plugin and rejects with its reason', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', 'exec sleep 60')
  const controller = new AbortController()
  const attaching = attach(listOf({}, { type: 'one' }), attachment, { ...fake.options, signal: controller.signal })
  const reason = new Error('enough')
  setTimeout(() => controller.abort(reason), 100)
  t.is(await t.throwsAsync(attaching), reason)
})

test('detaching goes on past a failure, and can be tried again', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  await fake.plugin('two', answers(result))
  const list = listOf({}, { type: 'one' }, { type: 'two' })
  await attach(list, attachment, fake.options)
  await fake.plugin('two', 'exit 1')
  await t.throwsAsync(detach(list, attachment, fake.options), { code: 'PLUGIN_FAILED' })
  t.deepEqual((await fake.calls()).slice(-2), ['two.DEL', 'one.DEL'])
  t.truthy(await cachedAttachment(fake.options.cacheDir, list, attachment))
  await fake.plugin('two', 'exit 0')
  await detach(list, attachment, fake.options)
  t.deepEqual(await readdir(join(fake.options.cacheDir, 'results')), [])
})

test('CHECK depends on the version, then on the network', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', 'exit 1')
  const old = listOf({ cniVersion: '0.3.1', disableCheck: true }, { type: 'one' })
  await t.throwsAsync(check(old, attachment, fake.options), { code: 'CHECK_UNSUPPORTED' })
  await check(listOf({ disableCheck: true }, { type: 'one' }), attachment, fake.options)
  t.deepEqual(await fake.calls(), [''])
  await t.throwsAsync(check(listOf({}, { type: 'one' }), attachment, fake.options), { code: 'PLUGIN_FAILED' })
})

test('before 0.4.0 DEL gets no previous result', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers({ ips: result.ips }))
  const list = listOf({ cniVersion: '0.3.1' }, { type: 'one' })
  await attach(list, attachment, fake.options)
  await detach(list, attachment, fake.options)
  t.false('prevResult' in (await fake.input('one', 'DEL')))
})

test('STATUS is asked from 1.1.0 on', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', `echo '{"code":51,"msg":"limited"}'; exit 1`)
  await status(listOf({ cniVersion: '1.0.0' }, { type: 'one' }), fake.options)
  t.deepEqual(await fake.calls(), [''])
  const failing = status(listOf({ cniVersion: '1.1.0' }, { type: 'one' }), fake.options)
  await t.throwsAsync(failing, { code: 'PLUGIN_NOT_READY_LIMITED' })
})

test('GC detaches the stale, then asks the plugins, and reports every failure', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers({ cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] }))
  const list = listOf({ cniVersion: '1.1.0' }, { type: 'one' })
  for (const containerId of ['a', 'b']) await attach(list, { ...attachment, containerId }, fake.options)
  await gc(list, [{ containerId: 'b', ifName: 'eth0' }], fake.options)
  t.deepEqual((await fake.calls()).slice(2), ['one.DEL', 'one.GC'])
  t.is((await fake.environment('one', 'DEL')).CNI_CONTAINERID, 'a')
  const input = await fake.input('one', 'GC')
  t.deepEqual(input['cni.dev/valid-attachments'], [{ containerID: 'b', ifname: 'eth0' }])
  t.deepEqual(input['cni.dev/attachments'], input['cni.dev/valid-attachments'])
  t.deepEqual(await readdir(join(fake.options.cacheDir, 'results')), ['net-b-eth0'])

  await fake.plugin('one', 'exit 1')
  const error = await t.throwsAsync(gc(list, [], fake.options), { instanceOf: AggregateError })
  t.is(error.errors.length, 2)
})

test('GC uses the configuration that made the attachment', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  await fake.plugin('new', answers(result))
  await attach(listOf({}, { type: 'one' }), attachment, fake.options)
  await gc(listOf({}, { type: 'new' }), [], fake.options)
  t.deepEqual(await fake.calls(), ['one.ADD', 'one.DEL'])
})

test('versions of plugins', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('new', `echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'`)
  await fake.plugin('old', `echo '{"code":100,"msg":"unknown CNI_COMMAND: VERSION"}'; exit 1`)
  await fake.plugin('odd', `echo '{}'`)
  t.deepEqual(await version('new', fake.options), { cniVersion: '1.0.0', supportedVersions: ['0.4.0', '1.0.0'] })
  t.deepEqual(await fake.input('new', 'VERSION'), { cniVersion: '1.1.0' })
  t.like(await fake.environment('new', 'VERSION'), { CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy', CNI_PATH: 'dummy' })
  t.deepEqual((await version('old', fake.options)).supportedVersions, ['0.1.0'])
  await t.throwsAsync(version('odd', fake.options), { code: 'PLUGIN_OUTPUT_INVALID' })
  const list = listOf({}, { type: 'new', capabilities: { mac: true, ips: false } })
  t.deepEqual(await validateNetwork(list, fake.options), ['mac'])
  await t.throwsAsync(validateNetwork(listOf({}, { type: 'old' }), fake.options), { code: 'VERSION_INCOMPATIBLE' })
  await t.throwsAsync(validateNetwork(listOf({}, { type: 'none' }), fake.options), { code: 'PLUGIN_MISSING' })
})

test('a program that is being replaced is waited for', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const writer = await open(join(fake.directory, 'one'), 'r+')
  let replaced = 'not yet'
  setTimeout(() => {
    replaced = 'done'
    void writer.close()
  }, 500)
  await attach(listOf({}, { type: 'one' }), attachment, fake.options)
  t.is(replaced, 'done')
})
