import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import {
  checkStore,
  isStorageError,
  loadStoreOptions,
  openStore,
  repairStore,
  type StoreOptions,
} from '../../src/index.ts'
import { salvageRecords } from '../../src/records/salvage.ts'
import { evilTar } from '../support/evil-tar.ts'
import { recordImage } from '../support/image.ts'
import { addLayer, inPieces } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'

/** A failure prints its seed. FUZZ_RUNS looks further than there is time for each time. */
const limit = (seconds: number, numRuns: number) =>
  process.env.FUZZ_RUNS
    ? { numRuns: Number(process.env.FUZZ_RUNS) }
    : { interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false, numRuns }
const thorough = { numRuns: Number(process.env.FUZZ_RUNS ?? 40), endOnFailure: true, includeErrorInReport: true }

/** What may happen to a file: bits flip, it is cut, filled with zeros, or becomes something else. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.array(fc.nat(100_000), { minLength: 1, maxLength: 4 }),
    bit: fc.nat(7),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('zeros' as const), at: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('hostile' as const), text: fc.oneof(fc.json(), fc.string(), hostile()) }),
)

function hostile() {
  return fc.constantFrom(
    '[{"id":"../../../etc"}]',
    '[{"id":"__proto__","names":["constructor"]}]',
    `[{"id":"${'a'.repeat(64)}","parent":"${'a'.repeat(64)}","created":"2026-01-01T00:00:00Z"}]`,
    '[{"id":"x","names":"no list","big-data-sizes":[],"flags":null}]',
    '[{"id":"x","created":7,"layer":{},"big-data-names":[1,2]}]',
    `[${'['.repeat(5000)}`,
  )
}

type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never

function damaged(whole: Buffer, change: Damage): Buffer {
  const bytes = Buffer.from(whole)
  if (change.kind === 'hostile') return Buffer.from(change.text)
  if (change.kind === 'cut') return bytes.subarray(0, change.at % bytes.length)
  if (change.kind === 'zeros') return bytes.fill(0, change.at % bytes.length)
  for (const at of change.at) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << change.bit)
  return bytes
}

/** Whatever is asked of the store, it is answered or refused with an error of its own. */
async function askAll(options: StoreOptions): Promise<void> {
  const store = await openStore(options)
  const questions: (() => Promise<unknown>)[] = [
    () => store.layers.list(),
    () => store.images.list(),
    () => store.containers.list(),
    () => store.images.get('localhost/a:1'),
    () => store.containers.get('work'),
    async () => {
      for (const { id } of await store.images.list()) await store.images.size(id)
    },
    async () => {
      for (const { id } of await store.layers.list()) await store.layers.mountCount(id)
    },
    () => checkStore(store),
  ]
  for (const ask of questions) {
    await ask().catch(error => {
      if (!isStorageError(error)) throw error
    })
  }
}

/** Where in a file of records stands what nothing else tells: names, and the ids by which records begin. */
function untold(text: string, { id, key }: { readonly id: string; readonly key: string }): readonly [number, number][] {
  const begin = text.indexOf(`{"id":"${id}"`)
  const fields = [...text.slice(begin).matchAll(new RegExp(`"${key}[^\\]]*\\]`, 'g'))].slice(0, key === 'names' ? 2 : 1)
  return [
    [begin, begin + 74],
    ...fields.map(each => [begin + each.index, begin + each.index + each[0].length] as [number, number]),
  ]
}

/** Whether a change left those bytes alone, and the file one of records. */
function spares(whole: Buffer, change: Damage, ranges: readonly [number, number][]): boolean {
  if (change.kind !== 'flip') return false
  const hits = change.at.map(at => at % whole.length)
  return !ranges.some(([from, to]) => hits.some(at => at >= from && at < to))
}

for (const driver of ['overlay', 'vfs'] as const)
  test(`${driver}: a damaged record file is told of or mended: no crash, and no whole image is lost`, async t => {
    t.timeout(600_000)
    const { store, options } = await tempStore(t, { driver })
    const base = await addLayer(store, inPieces(evilTar([{ name: 'a', data: 'a' }])))
    const top = await addLayer(store, inPieces(evilTar([{ name: 'b', data: 'b' }])), base.layer.id)
    const one = await recordImage(store, { name: 'localhost/a:1', layers: [base.applied], top: base.layer.id })
    const two = await recordImage(store, {
      name: 'localhost/b:1',
      layers: [base.applied, top.applied],
      top: top.layer.id,
    })
    const container = await store.containers.create({ image: two.id, names: ['work'], metadata: '{"name":"work"}' })
    fs.writeFileSync(join(store.containers.directory(container.id), 'config.json'), '{}')
    await store.layers.mount(top.layer.id)
    t.teardown(() => store.layers.unmount(top.layer.id, 'force'))
    const files = [
      ...['layers', 'images', 'containers'].map(kind => join(options.graphRoot, `${driver}-${kind}/${kind}.json`)),
      join(options.runRoot, `${driver}-layers/mountpoints.json`),
    ]
    const whole = new Map(files.map(path => [path, fs.readFileSync(path)]))
    const kept = (path: string, change: Damage, record: { readonly id: string; readonly key: string }): boolean => {
      const bytes = whole.get(path) ?? Buffer.alloc(0)
      return (
        !path.endsWith(`/${record.key}.json`) ||
        spares(bytes, change, untold(bytes.toString(), { ...record, key: 'names' }))
      )
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async (path, change) => {
        fs.writeFileSync(path, damaged(whole.get(path) ?? Buffer.alloc(0), change))
        await askAll(options)
        const mended = await openStore(options)
        try {
          await repairStore(mended, await checkStore(mended))
          await repairStore(mended, await checkStore(mended))
          for (const before of [one, two]) {
            const image = await mended.images.get(before.id)
            const { names, namesHistory, metadata, ...facts } = before
            assert.deepEqual({ ...image, names, namesHistory, metadata }, { ...facts, names, namesHistory, metadata })
            if (kept(path, change, { id: before.id, key: 'images' })) assert.deepEqual(image?.names, names)
            const layers = await mended.layers.list()
            const layer = layers.find(each => each.id === before.layer)
            assert.equal(layer?.parent, before === two ? base.layer.id : undefined)
            assert.ok((await Array.fromAsync(mended.layers.diff(before.layer ?? ''))).length > 0)
          }
          assert.ok(
            fs.existsSync(
              driver === 'vfs'
                ? join(options.graphRoot, 'vfs/dir', container.layer)
                : join(options.graphRoot, 'overlay', container.layer, 'diff'),
            ),
          )
          assert.ok(fs.existsSync(join(store.containers.directory(container.id), 'config.json')))
          const found = await mended.containers.get(container.id)
          if (change.kind === 'flip' || path.endsWith('layers.json')) {
            assert.equal(found?.layer, container.layer)
            assert.equal(found?.image, container.image)
            if (kept(path, change, { id: container.id, key: 'containers' })) assert.deepEqual(found?.names, ['work'])
          }
        } finally {
          for (const [file, bytes] of whole) fs.writeFileSync(file, bytes)
        }
      }),
      thorough,
    )
    t.pass()
  })

test('a damaged item of an image or record of a tar is told of, and costs no other image anything', async t => {
  t.timeout(600_000)
  const { store, options } = await tempStore(t)
  const parts = await Promise.all(['a', 'b'].map(name => addLayer(store, inPieces(evilTar([{ name, data: name }])))))
  const images = await Promise.all(
    parts.map(({ layer, applied }, at) =>
      recordImage(store, { name: `localhost/${at}:1`, layers: [applied], top: layer.id }),
    ),
  )
  const [hit, other] = images
  assert.ok(hit?.layer && other?.layer)
  const at = join(options.graphRoot, 'overlay-images')
  const items = fs.readdirSync(join(at, hit.id)).map(name => join(at, hit.id, name))
  const files = [...items, join(options.graphRoot, 'overlay-layers', `${hit.layer}.tar-split.gz`)]
  const records = ['layers', 'images'].map(kind => join(options.graphRoot, `overlay-${kind}/${kind}.json`))
  const whole = new Map([...files, ...records].map(path => [path, fs.readFileSync(path)]))
  const facts = JSON.stringify(await store.images.get(other.id))
  const content = Buffer.concat(await Array.fromAsync(store.layers.diff(other.layer)))
  const harm = fc.tuple(fc.constantFrom(...files.filter(path => whole.get(path)?.length)), damage)
  await fc.assert(
    fc.asyncProperty(harm, async ([path, change]) => {
      const bytes = damaged(whole.get(path) ?? Buffer.alloc(0), change)
      fs.writeFileSync(path, bytes)
      try {
        await askAll(options)
        const mended = await openStore(options)
        const problems = await checkStore(mended)
        if (path.startsWith(at)) assert.equal(problems.length === 0, whole.get(path)?.equals(bytes))
        await repairStore(mended, problems)
        assert.equal(JSON.stringify(await mended.images.get(other.id)), facts)
        assert.ok(Buffer.concat(await Array.fromAsync(mended.layers.diff(other.layer ?? ''))).equals(content))
        assert.deepEqual((await mended.images.get(hit.id))?.names, hit.names)
      } finally {
        await renew(options, { layer: hit.layer ?? '', whole })
      }
    }),
    thorough,
  )
  t.pass()
})

/** Puts files back, and the layer that a repair may have taken away. */
async function renew(
  options: StoreOptions,
  { layer, whole }: { readonly layer: string; readonly whole: ReadonlyMap<string, Buffer> },
): Promise<void> {
  for (const [file, bytes] of whole) fs.writeFileSync(file, bytes)
  const store = await openStore(options)
  if (!(await store.layers.hasFiles(layer))) await addLayer(store, inPieces(evilTar([{ name: 'a', data: 'a' }])))
  for (const [file, bytes] of whole) fs.writeFileSync(file, bytes)
}

test('damaged files that say where an overlay layer stands are told of, and written anew', async t => {
  t.timeout(300_000)
  const { store, options } = await tempStore(t)
  const tars = ['a', 'b', 'c'].map(name => evilTar([{ name, data: name }]))
  const layers: string[] = []
  for (const tar of tars) layers.push((await addLayer(store, inPieces(tar), layers.at(-1))).layer.id)
  const image = await store.images.create({ layer: layers.at(-1) ?? '' })
  const container = await store.containers.create({ image: image.id })
  const home = join(options.graphRoot, 'overlay')
  const files = [...layers, container.layer].flatMap(id => ['link', 'lower'].map(name => join(home, id, name)))
  const whole = new Map(files.filter(path => fs.existsSync(path)).map(path => [path, fs.readFileSync(path)]))
  const links = fs.readdirSync(join(home, 'l')).map(name => join(home, 'l', name))
  const targets = new Map(links.map(path => [path, fs.readlinkSync(path)]))
  const harm = fc.oneof(
    fc.record({ path: fc.constantFrom(...whole.keys()), change: damage }),
    fc.record({ path: fc.constantFrom(...links), change: fc.constantFrom('away', '../../../etc', '/etc', '..') }),
    fc.record({ path: fc.constantFrom(...whole.keys()), change: fc.constant('away') }),
  )
  const restore = (): void => {
    for (const [path, bytes] of whole) fs.writeFileSync(path, bytes)
    for (const name of fs.readdirSync(join(home, 'l'))) fs.rmSync(join(home, 'l', name))
    for (const [path, target] of targets) fs.symlinkSync(target, path)
  }
  await fc.assert(
    fc.asyncProperty(harm, async ({ path, change }) => {
      const isLink = targets.has(path)
      const bytes = typeof change === 'string' ? undefined : damaged(whole.get(path) ?? Buffer.alloc(0), change)
      fs.rmSync(path)
      if (isLink && typeof change === 'string' && change !== 'away') fs.symlinkSync(change, path)
      if (bytes) fs.writeFileSync(path, bytes)
      try {
        const problems = await checkStore(store)
        const isSame = bytes !== undefined && bytes.toString().trim() === whole.get(path)?.toString()
        assert.equal(problems.length === 0, isSame, JSON.stringify(problems))
        assert.deepEqual(await repairStore(store, problems), [])
        assert.deepEqual(await checkStore(store), [])
        const shown = await store.containers.mount(container.id)
        assert.deepEqual(fs.readdirSync(shown).toSorted(), ['a', 'b', 'c'])
        await store.containers.unmount(container.id)
      } finally {
        restore()
      }
    }),
    thorough,
  )
  t.pass()
})

test('of a damaged list every record but the damaged one is kept', t => {
  const created = '2026-01-01T00:00:00Z'
  const record = fc.record({
    id: fc.stringMatching(/^[0-9a-f]{64}$/),
    created: fc.constant(created),
    metadata: fc.string(),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(record, { selector: each => each.id, minLength: 1, maxLength: 8 }),
      fc.nat(),
      (records, cut) => {
        const text = JSON.stringify(records)
        const kept = salvageRecords(text.slice(0, cut % text.length), created)
        const ends = records.map((_, at) => JSON.stringify(records.slice(0, at + 1)).length - 1)
        const complete = records.filter((_, at) => (ends[at] ?? 0) <= cut % text.length)
        const rest = kept.slice(complete.length)
        return (
          JSON.stringify(kept.slice(0, complete.length)) === JSON.stringify(complete) &&
          rest.every(each => each.id === records[complete.length]?.id)
        )
      },
    ),
    limit(5, 5000),
  )
  t.pass()
})

test('any storage.conf is read, or refused by name', async t => {
  const { directory } = await tempStore(t)
  const path = join(directory, 'storage.conf')
  const value = fc.constantFrom(
    '"overlay"',
    '3',
    'true',
    '[]',
    '["/x"]',
    '"',
    '{}',
    '"/a"',
    '"../x"',
    '1979-05-27',
    'nan',
  )
  const key = fc.constantFrom(
    'driver',
    'graphroot',
    'runroot',
    'imagestore',
    'mountopt',
    'additionalimagestores',
    'size',
    '__proto__',
  )
  const table = fc.constantFrom(
    '[storage]',
    '[storage.options]',
    '[storage.options.overlay]',
    '[storage',
    '[[storage]]',
    '',
  )
  const line = fc.oneof(
    table,
    fc.tuple(key, value).map(pair => pair.join(' = ')),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), lines => {
      fs.writeFileSync(path, lines.join('\n'))
      try {
        const options = loadStoreOptions({}, { CONTAINERS_STORAGE_CONF: path })
        return typeof options.graphRoot === 'string' && options.graphRoot.startsWith('/')
      } catch (error) {
        return isStorageError(error, 'CONFIG_INVALID', 'OPTION_INVALID', 'DRIVER_UNKNOWN')
      }
    }),
    limit(10, 3000),
  )
  t.pass()
})
