import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRegistry, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { openBlobInfo } from '../../src/blob-cache/blob-info.ts'
import {
  type CopyEvent,
  type CopyOptions,
  composeImage,
  copyImage,
  digestOf,
  insecureAcceptAnything,
  parseImageName,
  readImage,
  readManifest,
} from '../../src/index.ts'
import { plainAccess } from '../support/registry.ts'

const layers = [[{ path: 'a', content: 'first' }], [{ path: 'b', content: Buffer.alloc(50_000, 'second ') }]]

interface World {
  readonly host: string
  readonly directory: string
  readonly cache: string
  /** Copies and tells how many layers moved, and how many need not. */
  copy(from: string, to: string, options?: Partial<CopyOptions>): Promise<{ moved: number; reused: number }>
}

async function world(t: ExecutionContext): Promise<World> {
  const { host } = await startRegistry(t)
  const directory = await tempDir(t, 'blob-info')
  const access = await plainAccess(join(directory, 'access'))
  const cache = join(directory, 'cache/blob-info-cache-v1.sqlite')
  const copy: World['copy'] = async (from, to, options = {}) => {
    const events: CopyEvent[] = []
    await copyImage(parseImageName(from), parseImageName(to), {
      policy: insecureAcceptAnything,
      source: access,
      destination: access,
      blobInfoCache: cache,
      ...options,
      onProgress: event => void events.push(event),
    })
    const of = (type: CopyEvent['type']) =>
      events.filter(event => event.type === type && 'kind' in event && event.kind === 'layer').length
    await readImage(parseImageName(to), { access })
    return { moved: of('blob-done'), reused: of('blob-reused') }
  }
  return { host, directory, cache, copy }
}

test('what was compressed and pushed once is neither compressed nor pushed again, nor to another repository of the registry', async t => {
  const { host, directory, copy } = await world(t)
  const archive = `docker-archive:${directory}/image.tar:localhost/a:1`
  await copyImage(composeImage({ layers }), parseImageName(archive), { policy: insecureAcceptAnything })
  t.deepEqual(await copy(archive, `docker://${host}/one:1`), { moved: 2, reused: 0 })
  t.deepEqual(await copy(archive, `docker://${host}/one:2`), { moved: 0, reused: 2 })
  t.deepEqual(await copy(archive, `docker://${host}/other/two:1`), { moved: 0, reused: 2 })
  const access = await plainAccess(join(directory, 'access'))
  const digest = async (name: string) =>
    (await readManifest(parseImageName(`docker://${host}/${name}`), { access })).digest
  t.is(await digest('other/two:1'), await digest('one:1'))
  t.deepEqual(await copy(`docker://${host}/other/two:1`, `oci:${directory}/check:1`), { moved: 2, reused: 0 })
})

test('what was pulled from a registry is mounted when it goes back there under another name', async t => {
  const { host, directory, copy } = await world(t)
  const origin = `oci:${directory}/origin:1`
  await copyImage(composeImage({ layers }), parseImageName(origin), { policy: insecureAcceptAnything })
  t.is((await copy(origin, `docker://${host}/base:1`)).moved, 2)
  await copy(`docker://${host}/base:1`, `dir:${directory}/pulled`)
  t.deepEqual(await copy(`dir:${directory}/pulled`, `docker://${host}/derived:1`), { moved: 0, reused: 2 })
})

test('a layer with a table of contents is known with it: not made again, and not taken for another form', async t => {
  const { host, directory, copy } = await world(t)
  const archive = `docker-archive:${directory}/image.tar`
  await copyImage(composeImage({ layers }), parseImageName(archive), { policy: insecureAcceptAnything })
  const chunked = { compression: 'zstd:chunked', forceCompression: 'yes' } as const
  const to = (tag: string) => `docker://${host}/app:${tag}`
  t.deepEqual(await copy(archive, to('zstd'), { compression: 'zstd' }), { moved: 2, reused: 0 })
  t.deepEqual(await copy(archive, to('chunked'), chunked), { moved: 2, reused: 0 })
  t.deepEqual(await copy(archive, to('again'), chunked), { moved: 0, reused: 2 })
  t.deepEqual(await copy(archive, to('gzip'), { compression: 'gzip' }), { moved: 2, reused: 0 })
  const access = await plainAccess(join(directory, 'access'))
  const manifest = async (tag: string) => (await readManifest(parseImageName(to(tag)), { access })).bytes
  t.deepEqual(await manifest('again'), await manifest('chunked'))
})

test('a cache that lies or is broken costs a request and nothing else', async t => {
  const { host, directory, cache, copy } = await world(t)
  const archive = `docker-archive:${directory}/image.tar`
  await copyImage(composeImage({ layers }), parseImageName(archive), { policy: insecureAcceptAnything })
  const plain = (await readImage(parseImageName(archive))).layers.map(({ digest }) => digest)
  {
    using info = await openBlobInfo(cache)
    const [first] = plain
    const missingOf = (digest: string) => digestOf(`missing form of ${digest}`)
    for (const digest of plain) {
      const missing = missingOf(digest)
      info.remember([
        { kind: 'form', digest: missing, plain: digest } as const,
        { kind: 'compression', digest: missing, compression: 'gzip' } as const,
        { kind: 'place', host, digest: missing, repository: `${host}/never/was` } as const,
        { kind: 'place', host, digest: missing, repository: '../../evil' } as const,
        { kind: 'place', host, digest: missing, repository: 'elsewhere.example.com/x' } as const,
      ])
    }
    t.deepEqual(first && info.formsOf(first), [{ digest: missingOf(String(first)), compression: 'gzip' }])
  }
  t.deepEqual(await copy(archive, `docker://${host}/lied-to:1`), { moved: 2, reused: 0 })
  await writeFile(cache, 'no database, but long enough to be taken for one: '.repeat(100))
  t.deepEqual(await copy(archive, `docker://${host}/broken:1`), { moved: 2, reused: 0 })
  t.deepEqual(
    (await readdir(join(directory, 'cache'))).filter(name => name.endsWith('-journal')),
    [],
  )
})
