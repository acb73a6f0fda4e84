import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { isImageError, loadRegistries } from '../../src/index.ts'

const registry = (...lines: readonly string[]) => ['[[registry]]', ...lines].join('\n')
const mirror = (...lines: readonly string[]) => ['', '[[registry.mirror]]', ...lines].join('\n')

/** Configurations, as they stand in a file. */
const files: Readonly<Record<string, string>> = {
  empty: '',
  'unknown keys': 'colour = "blue"\n[[registry]]\nlocation = "a.b"\ntaste = "sweet"\n',
  'a location alone': registry('location = "a.b/c"'),
  'a location that ends with slashes': registry('location = "a.b/c//"'),
  'neither location nor prefix': registry('insecure = true'),
  'a prefix without location': registry('prefix = "a.b"'),
  'a wildcard without location': registry('prefix = "*.a.b"'),
  'a wildcard with a path': registry('prefix = "*.a.b/c"', 'location = "d.e"'),
  'a wildcard with a port': registry('prefix = "*.a.b:5000"', 'location = "d.e"'),
  'an address as location': registry('location = "https://a.b"'),
  'an address as prefix': registry('prefix = "http://a.b"', 'location = "a.b"'),
  'one location twice': `${registry('location = "a.b"')}\n${registry('prefix = "c.d"', 'location = "a.b"')}`,
  'one location, safe and not': `${registry('location = "a.b"')}\n${registry('prefix = "c.d"', 'location = "a.b"', 'insecure = true')}`,
  'one location, blocked and not': `${registry('location = "a.b"')}\n${registry('prefix = "c.d"', 'location = "a.b"', 'blocked = true')}`,
  'a mirror without location': registry('location = "a.b"') + mirror('insecure = true'),
  'a mirror at an address': registry('location = "a.b"') + mirror('location = "https://c.d"'),
  'a mirror by digest': registry('location = "a.b"') + mirror('location = "c.d"', 'pull-from-mirror = "digest-only"'),
  'a mirror by moon': registry('location = "a.b"') + mirror('location = "c.d"', 'pull-from-mirror = "moon"'),
  'both ways of restricting mirrors':
    registry('location = "a.b"', 'mirror-by-digest-only = true') +
    mirror('location = "c.d"', 'pull-from-mirror = "all"'),
  'a restriction without a mirror': registry('location = "a.b"', 'pull-from-mirror = "all"'),
  'search registries': 'unqualified-search-registries = ["a.b", "localhost:5000", "c.d/"]\n',
  'a search registry with a path': 'unqualified-search-registries = ["a.b/c"]\n',
  'a search registry that is none': 'unqualified-search-registries = ["a b"]\n',
  'an unknown mode': 'short-name-mode = "strict"\n',
  'an alias': '[aliases]\na = "b.c/d"\n',
  'an alias that is taken back': '[aliases]\na = ""\n',
  'an alias with a tag': '[aliases]\na = "b.c/d:1"\n',
  'an alias for a name with a tag': '[aliases]\n"a:1" = "b.c/d"\n',
  'an alias for a full name': '[aliases]\n"x.y/a" = "b.c/d"\n',
  'an alias to a short name': '[aliases]\na = "b"\n',
  'version 1': '[registries.search]\nregistries = ["a.b"]\n[registries.block]\nregistries = ["c.d"]\n',
  'versions 1 and 2': 'unqualified-search-registries = ["a.b"]\n[registries.search]\nregistries = ["c.d"]\n',
  'a number as location': registry('location = 5'),
  'no TOML': 'unqualified-search-registries = [',
}

for (const [what, text] of Object.entries(files)) {
  test(`registries.conf with ${what}: taken or refused as Podman does`, async t => {
    const home = await tempDir(t)
    const path = join(home, 'registries.conf')
    await writeFile(path, text)
    const env = { ...plainEnvironment, HOME: home, CONTAINERS_REGISTRIES_CONF: path }
    const store = ['--root', join(home, 'root'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs']
    const { stderr } = await run('podman', [...store, 'search', '127.0.0.1:1/x'], { env })
    const theirs = /loading registries configuration|registries\.conf/.test(stderr) ? 'refused' : 'taken'
    t.true(theirs === 'refused' || stderr.includes('connection refused'), stderr)
    const ours = await loadRegistries({ env: { HOME: home, CONTAINERS_REGISTRIES_CONF: path } }).then(
      () => 'taken',
      (error: unknown) => (isImageError(error, 'REGISTRIES_INVALID') ? 'refused' : String(error)),
    )
    t.is(ours, theirs, stderr)
  })
}

test('a file that was named must be there, and drop-ins are laid over it', async t => {
  const home = await tempDir(t)
  const named = join(home, 'named.conf')
  const access = { registriesConf: named, env: { HOME: home } }
  const error = await t.throwsAsync(loadRegistries(access), { code: 'REGISTRIES_INVALID' })
  t.true(error?.message.endsWith(`open ${named}: no such file or directory`))
  await writeFile(named, 'unqualified-search-registries = ["a.b"]\n')
  await mkdir(join(home, '.config/containers/registries.conf.d'), { recursive: true })
  await writeFile(join(home, '.config/containers/registries.conf.d/mine.conf'), '[aliases]\nmine = "c.d/mine"\n')
  const { unqualifiedSearch, aliases } = await loadRegistries(access)
  t.deepEqual(unqualifiedSearch, ['a.b'])
  t.is(aliases.get('mine'), 'c.d/mine')
  await writeFile(join(home, '.config/containers/registries.conf.d/old.conf'), '[registries.search]\nregistries = []\n')
  await t.throwsAsync(loadRegistries(access), { message: /registry must be in v2 format but is in v1/ })
})
