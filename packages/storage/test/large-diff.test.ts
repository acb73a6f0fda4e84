import { randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { evilTar } from './support/evil-tar.ts'
import { addLayer, collect, inPieces } from './support/layers.ts'
import { tempStore } from './support/temp-store.ts'

/** Layers large enough to be put together in a thread. */
async function largeLayers(t: ExecutionContext) {
  const { store, options } = await tempStore(t)
  const one = async (name: string) => {
    const files = [3 << 20, 1, 5 << 20, 0, 2 << 20].map((size, at) => ({
      name: `${name}${at}`,
      data: randomBytes(size),
    }))
    const tar = evilTar(files)
    const { layer } = await addLayer(store, inPieces(tar, 1 << 20))
    return { tar, id: layer.id, files: join(options.graphRoot, 'overlay', layer.id, 'diff') }
  }
  return { store, options, layers: [await one('a'), await one('b'), await one('c')] as const }
}

test('large layers come out as they went in, in turns and one inside the other, in kept or lent pieces', async t => {
  const { store, layers } = await largeLayers(t)
  for (const { id, tar } of layers) t.is((await collect(store.layers.diff(id))).compare(tar), 0)
  const streams = layers.map(({ id }) => store.layers.diff(id, undefined, { pieces: 'lent' })[Symbol.asyncIterator]())
  const come: Buffer[][] = layers.map(() => [])
  for (let left = streams.length; left > 0; )
    for (const [at, stream] of streams.entries()) {
      const { done, value } = await stream.next()
      if (done === true) left--
      else come[at]?.push(Buffer.from(value))
    }
  for (const [at, { tar }] of layers.entries()) t.is(Buffer.concat(come[at] ?? []).compare(tar), 0)
})

test('a changed or missing file of a large layer is told of, and others are read on', async t => {
  const { store, layers } = await largeLayers(t)
  const [whole, changed, lacking] = layers
  const reading = store.layers.diff(whole.id)[Symbol.asyncIterator]()
  const { value: first } = await reading.next()
  appendFileSync(join(changed.files, 'b2'), 'more')
  rmSync(join(lacking.files, 'c4'))
  const damaged = { code: 'LAYER_DAMAGED' }
  await t.throwsAsync(collect(store.layers.diff(changed.id)), { ...damaged, message: /b2.*is not the file it was/ })
  await t.throwsAsync(collect(store.layers.diff(lacking.id)), { ...damaged, message: /c4.*is missing/ })
  const rest = await collect({ [Symbol.asyncIterator]: () => reading })
  t.is(Buffer.concat([first, rest]).compare(whole.tar), 0)
})

test('a file that changed but in size is named, whether files are summed up or the whole; so is a tar that is made anew', async t => {
  const { store, options, layers } = await largeLayers(t)
  const [whole, changed, anew] = layers
  const verify = { verify: 'digest', pieces: 'lent' } as const
  t.is((await collect(copies(store.layers.diff(whole.id, undefined, verify)))).compare(whole.tar), 0)
  const file = join(changed.files, 'b4')
  const content = readFileSync(file)
  content[1 << 20] = (content[1 << 20] ?? 0) ^ 1
  writeFileSync(file, content)
  const damaged = { code: 'LAYER_DAMAGED' }
  for (const call of [{}, verify])
    await t.throwsAsync(collect(store.layers.diff(changed.id, undefined, call)), {
      ...damaged,
      message: /b4.*has changed/,
    })
  rmSync(join(options.graphRoot, 'overlay-layers', `${anew.id}.tar-split.gz`))
  appendFileSync(join(anew.files, 'c4'), 'more')
  await collect(store.layers.diff(anew.id))
  await t.throwsAsync(collect(store.layers.diff(anew.id, undefined, verify)), { ...damaged, message: /has the digest/ })
})

async function* copies(lent: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of lent) yield Buffer.from(piece)
}

test('a reader that stops early, or is stopped, leaves no file open', async t => {
  const { store, options, layers } = await largeLayers(t)
  for await (const _ of store.layers.diff(layers[0].id)) break
  const control = new AbortController()
  const { signal } = control
  const stopped = async (): Promise<void> => {
    for await (const _ of store.layers.diff(layers[1].id, undefined, { signal })) control.abort(new Error('enough'))
  }
  await t.throwsAsync(stopped(), { message: 'enough' })
  const open = readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
  t.deepEqual(
    open.filter(path => path.startsWith(`${options.graphRoot}/overlay/`)),
    [],
  )
})
