import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { attach, detach, findPlugin, parseConf, parseConflist, version } from '../src/index.ts'
import { answers, fakePlugins } from './support/fake-plugin.ts'

const result = { ips: [{ address: '10.0.0.2/24' }] }
const conflist = (more: object) => JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [], ...more })
const list = parseConflist(conflist({ plugins: [{ type: 'one' }] }))

// CVE-2021-20206: a plugin type with a path ran any program of the host.
const types = ['../../bin/sh', '/bin/sh', 'a/b', '..', '.', '', ' sh', 'sh\n', 'sh\0', '-x', '{}']
for (const type of types) {
  test(`the plugin type ${JSON.stringify(type)} is refused before anything runs`, async t => {
    t.throws(() => parseConflist(conflist({ plugins: [{ type }] })), { code: 'CONFIG_INVALID' })
    t.throws(() => parseConf(JSON.stringify({ name: 'net', type })), { code: 'CONFIG_INVALID' })
    await t.throwsAsync(findPlugin(type, ['/bin', '/usr/lib/cni']), { code: 'CONFIG_INVALID' })
    await t.throwsAsync(version(type, { pluginDirs: ['/bin'] }), { code: 'CONFIG_INVALID' })
  })
}

test('a plugin is a regular file of a plugin directory', async t => {
  const fake = await fakePlugins(t)
  await mkdir(join(fake.directory, 'folder'))
  await fake.plugin('real', 'true')
  await symlink('real', join(fake.directory, 'link'))
  await t.throwsAsync(findPlugin('folder', [fake.directory]), { code: 'PLUGIN_MISSING' })
  t.is(await findPlugin('link', ['/nowhere', fake.directory]), join(fake.directory, 'link'))
  await t.throwsAsync(findPlugin('sh', []), { code: 'PLUGIN_MISSING' })
})

test('container ids, interface names and arguments that could be something else are refused', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const good = { containerId: 'c1', netns: '/x', ifName: 'eth0' }
  for (const containerId of ['', '../x', 'a/b', '-x', 'a b', 'a\n']) {
    await t.throwsAsync(attach(list, { ...good, containerId }, fake.options), { code: 'ARGUMENT_INVALID' }, containerId)
    await t.throwsAsync(detach(list, { ...good, containerId }, fake.options), { code: 'ARGUMENT_INVALID' }, containerId)
  }
  for (const ifName of ['', '.', '..', 'a/b', 'a:b', 'a b', 'x'.repeat(16), 'ééééééééé']) {
    await t.throwsAsync(attach(list, { ...good, ifName }, fake.options), { code: 'ARGUMENT_INVALID' }, ifName)
  }
  for (const pair of [
    ['K', 'v;IP=10.0.0.9'],
    ['K;IP', 'v'],
    ['K=x', 'v'],
    ['', 'v'],
    ['K', 'a\0b'],
  ] as const) {
    const call = attach(list, { ...good, args: [pair] }, fake.options)
    await t.throwsAsync(call, { code: 'ARGUMENT_INVALID' }, pair.join('='))
  }
  t.deepEqual(await fake.calls(), [''])
})

test('network names that could be paths are refused', t => {
  for (const name of ['../x', 'a/b', '', '.x', 'a b']) {
    t.throws(() => parseConflist(conflist({ name, plugins: [{ type: 'one' }] })), { code: 'CONFIG_INVALID' }, name)
  }
})

test('hostile keys of a configuration are data', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const hostile = parseConflist(
    '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"one","__proto__":{"capabilities":{"mac":true}},"capabilities":{"__proto__":true}}]}',
  )
  const capabilityArgs = JSON.parse('{"mac":"aa","__proto__":{"x":1}}')
  await attach(hostile, { containerId: 'c1', netns: '/x', ifName: 'eth0', capabilityArgs }, fake.options)
  const input = await fake.input('one', 'ADD')
  t.deepEqual(Object.keys((input.runtimeConfig as object | undefined) ?? {}), ['__proto__'])
  t.is(({} as { x?: number }).x, undefined)
})

test('a damaged memory does not keep a container from being detached', async t => {
  const fake = await fakePlugins(t)
  await fake.plugin('one', answers(result))
  const attachment = { containerId: 'c1', netns: '/x', ifName: 'eth0' }
  const path = join(fake.options.cacheDir, 'results', 'net-c1-eth0')
  for (const text of ['', '{', '[]', '{"kind":"cniCacheV1"}', '{"kind":"other"}']) {
    await attach(list, attachment, fake.options)
    await writeFile(path, text)
    await detach(list, attachment, fake.options)
    t.deepEqual(await readdir(join(fake.options.cacheDir, 'results')), [], text)
  }
})
