import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { capabilitiesOf, listNetworks, loadNetworkList, parseConf, parseConflist } from '../../src/index.ts'

const one = { type: 'bridge', capabilities: { ips: true } }
const listText = (more: object = {}) => JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [one], ...more })

async function directoryOf(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cni-config-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

test('a list keeps its bytes and its plugins as they are', t => {
  const text = `  ${listText({ extra: 1 })}\n`
  const list = parseConflist(text)
  t.is(Buffer.from(list.bytes).toString(), text)
  t.deepEqual(list.plugins, [one])
  t.like(list, { cniVersion: '1.0.0', name: 'net', disableCheck: false, disableGC: false })
  t.deepEqual(capabilitiesOf(list), ['ips'])
})

test('the newest version that both know is chosen', t => {
  const of = (more: object) => parseConflist(listText(more)).cniVersion
  t.is(of({ cniVersion: '0.4.0', cniVersions: ['0.3.1', '1.1.0', '9.0.0'] }), '1.1.0')
  t.is(of({ cniVersion: '1.1.0', cniVersions: ['0.3.1'] }), '1.1.0')
  t.is(of({ cniVersion: undefined }), '0.1.0')
  t.is(of({ cniVersion: undefined, cniVersions: ['1.0.0'] }), '1.0.0')
  t.throws(() => of({ cniVersion: '9.0.0' }), { code: 'VERSION_INCOMPATIBLE' })
  t.throws(() => of({ cniVersion: 1 }), { code: 'CONFIG_INVALID' })
  t.throws(() => of({ cniVersions: [1] }), { code: 'CONFIG_INVALID' })
})

test('switches may be written as text', t => {
  t.true(parseConflist(listText({ disableCheck: 'True' })).disableCheck)
  t.false(parseConflist(listText({ disableGC: 'false' })).disableGC)
  t.throws(() => parseConflist(listText({ disableCheck: 'yes' })), { code: 'CONFIG_INVALID' })
  t.throws(() => parseConflist(listText({ disableCheck: 1 })), { code: 'CONFIG_INVALID' })
})

for (const [what, text] of Object.entries({
  'no JSON': '{',
  'a list': '[]',
  'no name': listText({ name: undefined }),
  'plugins that are no list': listText({ plugins: {} }),
  'a plugin that is text': listText({ plugins: ['bridge'] }),
  'a plugin without type': listText({ plugins: [{}] }),
  'capabilities that are a list': listText({ plugins: [{ type: 'x', capabilities: [] }] }),
  'no plugin at all': listText({ plugins: [], loadOnlyInlinedPlugins: true }),
})) {
  test(`a list with ${what} is refused`, t => {
    t.throws(() => parseConflist(text), { code: 'CONFIG_INVALID' })
  })
}

test('a single plugin is a list of one', t => {
  const list = parseConf(JSON.stringify({ cniVersion: '0.3.1', name: 'net', ...one, bridge: 'br0' }))
  t.is(list.name, 'net')
  t.is(list.plugins[0]?.type, 'bridge')
  t.is(list.plugins[0]?.bridge, 'br0')
  t.deepEqual(parseConflist(list.bytes).plugins, list.plugins)
})

test('a network is found by name: lists before single plugins, by path', async t => {
  const directory = await directoryOf(t, {
    '10-a.conf': JSON.stringify({ cniVersion: '1.0.0', name: 'net', type: 'single' }),
    '20-b.conflist': listText({ plugins: [{ type: 'second' }] }),
    '30-c.conflist': listText({ plugins: [{ type: 'third' }] }),
    '05-other.conflist': listText({ name: 'other' }),
    '06-broken.conflist': '{',
    '50-only.json': JSON.stringify({ cniVersion: '1.0.0', name: 'only', type: 'single' }),
    'readme.txt': listText({ name: 'text' }),
  })
  t.is((await loadNetworkList(directory, 'net')).plugins[0]?.type, 'second')
  t.is((await loadNetworkList(directory, 'only')).plugins[0]?.type, 'single')
  await t.throwsAsync(loadNetworkList(directory, 'text'), { code: 'NETWORK_UNKNOWN' })
  await t.throwsAsync(loadNetworkList(join(directory, 'missing'), 'net'), { code: 'NETWORK_UNKNOWN' })
})

test('the networks of a directory, and what is wrong with the rest', async t => {
  const directory = await directoryOf(t, {
    '87-podman.conflist': listText({ name: 'podman' }),
    'a.conflist': listText({ name: 'a' }),
    'b.conflist': listText({ name: 'a' }),
    'c.conflist': '{',
    'd.conflist': listText({ name: '../d' }),
    'e.conf': JSON.stringify({ name: 'e', type: 'x' }),
  })
  await mkdir(join(directory, 'f.conflist'))
  const problems: string[] = []
  const networks = await listNetworks(directory, path => problems.push(path.slice(directory.length + 1)))
  t.deepEqual(
    networks.map(({ list }) => list.name),
    ['podman', 'a'],
  )
  t.deepEqual(problems, ['b.conflist', 'c.conflist', 'd.conflist'])
  t.deepEqual(await listNetworks(join(directory, 'missing')), [])
})

test('plugins beside a list are appended, unless it says otherwise', async t => {
  const files = {
    'net/20-x.conf': JSON.stringify({ type: 'x' }),
    'net/10-y.conf': JSON.stringify({ type: 'y' }),
    'net/notes.txt': 'no',
  }
  const types = async (more: object) => {
    const directory = await directoryOf(t, { ...files, 'n.conflist': listText(more) })
    return (await loadNetworkList(directory, 'net')).plugins.map(plugin => plugin.type)
  }
  t.deepEqual(await types({}), ['bridge', 'y', 'x'])
  t.deepEqual(await types({ plugins: [] }), ['y', 'x'])
  t.deepEqual(await types({ loadOnlyInlinedPlugins: true }), ['bridge'])
  const empty = await directoryOf(t, { 'n.conflist': listText({ plugins: [] }) })
  await t.throwsAsync(loadNetworkList(empty, 'net'), { code: 'CONFIG_INVALID' })
})
