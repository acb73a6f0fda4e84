import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { parse } from 'smol-toml'
import {
  type AccessOptions,
  formatDockerReference,
  isImageError,
  loadRegistries,
  parseDockerReference,
  pullSources,
  recordShortNameAlias,
  resolveShortName,
} from '../../src/index.ts'
import { mergeRegistries } from '../../src/registries/merge.ts'
import { readRegistriesFile } from '../../src/registries/parse.ts'

const registries = (...texts: readonly string[]) =>
  mergeRegistries(texts.map((text, at) => readRegistriesFile(parse(text), `file-${at}`)))
const sources = (text: string, name: string) =>
  pullSources(registries(text), parseDockerReference(name)).map(
    ({ reference, insecure }) => `${formatDockerReference(reference)} ${insecure}`,
  )

const digest = `sha256:${'a'.repeat(64)}`
const mirrored = `
[[registry]]
prefix = "example.com/team"
location = "backend.example.com/x"
[[registry.mirror]]
location = "mirror-a.example.com/y"
insecure = true
[[registry.mirror]]
location = "mirror-b.example.com"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "mirror-c.example.com"
pull-from-mirror = "tag-only"
`

test('a short name that no file knows is told along with the file that could have', t => {
  const error = (...texts: readonly string[]) => {
    const thrown = t.throws(() => resolveShortName('nowhere', registries(...texts), 'no'))
    return thrown?.message
  }
  t.regex(error('') ?? '', /no unqualified-search registries are defined in "file-0"$/)
  t.regex(error() ?? '', /no containers-registries.conf\(5\) was found$/)
})

test('mirrors come first, and only those that may be used', t => {
  t.deepEqual(sources(mirrored, 'example.com/team/app:1'), [
    'mirror-a.example.com/y/app:1 yes',
    'mirror-c.example.com/app:1 no',
    'backend.example.com/x/app:1 no',
  ])
  t.deepEqual(sources(mirrored, `example.com/team/app@${digest}`), [
    `mirror-a.example.com/y/app@${digest} yes`,
    `mirror-b.example.com/app@${digest} no`,
    `backend.example.com/x/app@${digest} no`,
  ])
})

test('a prefix ends at a boundary', t => {
  t.deepEqual(sources(mirrored, 'example.com/teams/app:1'), ['example.com/teams/app:1 no'])
})

test('wildcards stand for sub-domains only', t => {
  const text = '[[registry]]\nprefix = "*.example.com"\nlocation = "proxy.example.org"\ninsecure = true\n'
  t.deepEqual(sources(text, 'a.b.example.com/app:1'), ['proxy.example.org/app:1 yes'])
  t.deepEqual(sources(text, 'example.com/app:1'), ['example.com/app:1 no'])
})

test('the longest prefix speaks', t => {
  const text = '[[registry]]\nlocation = "example.com"\nblocked = true\n[[registry]]\nlocation = "example.com/free"\n'
  t.deepEqual(sources(text, 'example.com/free/app:1'), ['example.com/free/app:1 no'])
  t.true(
    isImageError(
      t.throws(() => sources(text, 'example.com/other:1')),
      'REGISTRY_BLOCKED',
    ),
  )
})

const invalid = {
  'neither location nor prefix': '[[registry]]\ninsecure = true\n',
  'a prefix without location': '[[registry]]\nprefix = "example.com"\n',
  'an address as location': '[[registry]]\nlocation = "https://example.com"\n',
  'a number as location': '[[registry]]\nlocation = 5\n',
  'both ways of restricting mirrors':
    '[[registry]]\nlocation = "a.b"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "c.d"\npull-from-mirror = "all"\n',
  'an unknown mode': 'short-name-mode = "strict"\n',
  'an alias with a tag': '[aliases]\na = "example.com/a:1"\n',
  'versions 1 and 2 at once': 'unqualified-search-registries = ["a.b"]\n[registries.search]\nregistries = ["c.d"]\n',
}

for (const [what, text] of Object.entries(invalid)) {
  test(`${what} is refused`, t =>
    t.true(
      isImageError(
        t.throws(() => registries(text)),
        'REGISTRIES_INVALID',
      ),
    ))
}

test('version 1 is read', t => {
  const { unqualifiedSearch, tables } = registries(
    '[registries.search]\nregistries = ["a.b"]\n[registries.insecure]\nregistries = ["c.d"]\n',
  )
  t.deepEqual(unqualifiedSearch, ['a.b'])
  t.like(tables[0], { prefix: 'c.d', insecure: 'yes' })
})

test('later files replace: tables by prefix, aliases by name, lists whole', t => {
  const first =
    'unqualified-search-registries = ["a.b", "c.d"]\n[aliases]\nx = "a.b/x"\ny = "a.b/y"\n[[registry]]\nlocation = "e.f"\ninsecure = true\n'
  const second = 'unqualified-search-registries = ["g.h"]\n[aliases]\nx = ""\n[[registry]]\nlocation = "e.f"\n'
  const merged = registries(first, second)
  t.deepEqual(merged.unqualifiedSearch, ['g.h'])
  t.deepEqual([...merged.aliases], [['y', 'a.b/y']])
  t.deepEqual(
    merged.tables.map(({ insecure }) => insecure),
    ['no'],
  )
})

const search = (mode: string) =>
  registries(
    `unqualified-search-registries = ["a.b", "c.d"]\nshort-name-mode = "${mode}"\n[aliases]\nknown = "e.f/known"\n`,
  )
const names = (text: string, mode: string, terminal: 'yes' | 'no') => {
  const { candidates, decision } = resolveShortName(text, search(mode), terminal)
  return [decision, ...candidates.map(({ reference }) => formatDockerReference(reference))]
}

test('short names', t => {
  const both = ['a.b/app:latest', 'c.d/app:latest']
  t.deepEqual(names('known:1', 'enforcing', 'no'), ['use-in-order', 'e.f/known:1'])
  t.deepEqual(names('app', 'disabled', 'yes'), ['use-in-order', ...both])
  t.deepEqual(names('app', 'permissive', 'no'), ['use-in-order', ...both])
  t.deepEqual(names('app', 'permissive', 'yes'), ['ask', ...both])
  t.deepEqual(names('app', 'enforcing', 'yes'), ['ask', ...both])
  t.deepEqual(names('x.y/app', 'enforcing', 'no'), ['use-in-order', 'x.y/app:latest'])
  t.throws(() => names('app', 'enforcing', 'no'), {
    message: 'short-name resolution enforced but cannot prompt without a TTY',
  })
  t.throws(() => resolveShortName('app', registries(''), 'no'), {
    message: /^short-name "app" did not resolve to an alias and no /,
  })
})

test('drop-ins and recorded aliases are laid over the main file', async t => {
  const home = await tempDir(t)
  const directory = join(home, '.config/containers')
  await mkdir(join(directory, 'registries.conf.d'), { recursive: true })
  await writeFile(join(directory, 'registries.conf'), 'unqualified-search-registries = ["a.b"]\n')
  await writeFile(join(directory, 'registries.conf.d/20-b.conf'), 'unqualified-search-registries = ["c.d"]\n')
  await writeFile(join(directory, 'registries.conf.d/10-a.conf'), 'unqualified-search-registries = ["e.f"]\n')
  const access: AccessOptions = { env: { HOME: home }, shortNameAliasFile: join(home, 'aliases.conf') }
  await recordShortNameAlias('app', parseDockerReference('g.h/app'), access)
  await recordShortNameAlias('other', parseDockerReference('g.h/other'), access)
  const loaded = await loadRegistries(access)
  t.deepEqual(loaded.unqualifiedSearch, ['c.d'])
  t.deepEqual(
    [...loaded.aliases],
    [
      ['app', 'g.h/app'],
      ['other', 'g.h/other'],
    ],
  )
  t.regex(await readFile(join(home, 'aliases.conf'), 'utf8'), /\[aliases\]/)
})

test('a broken file names itself', async t => {
  const home = await tempDir(t)
  const path = join(home, 'broken.conf')
  await writeFile(path, 'unqualified-search-registries = [')
  const error = await t.throwsAsync(loadRegistries({ registriesConf: path, env: { HOME: home } }))
  t.true(isImageError(error, 'REGISTRIES_INVALID') && error.message.includes(path))
})
