import { join } from 'node:path'
import { startRegistry, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AccessOptions,
  type Bytes,
  type CopyOptions,
  copyImage,
  digestOf,
  type ImageSource,
  insecureAcceptAnything,
  parseImageName,
  type Reference,
  readImage,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything

/** Pieces in one place, each spoilt as soon as the next is asked for. */
async function* lent(bytes: Bytes): Bytes {
  for await (const whole of bytes) {
    for (let at = 0; at < whole.length; at += 100_000) {
      const piece = Buffer.from(whole.subarray(at, at + 100_000))
      yield piece
      piece.fill(0xee)
    }
  }
}

/** The same image from a source that lends. */
const lending = (image: Reference): Reference => ({
  ...image,
  transport: 'lending',
  openSource: async (access, call) => {
    const source = (await image.openSource?.(access, call)) as ImageSource
    return {
      parallelBlobs: 2,
      manifest: (...args) => source.manifest(...args),
      blob: (...args) => source.blob(...args),
      lentBlob: async blob => lent(await source.blob(blob, 0)),
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    }
  },
})

const ways: Readonly<
  Record<
    string,
    {
      readonly place: (directory: string, host: string) => string
      readonly options?: Partial<CopyOptions>
      readonly access?: AccessOptions
    }
  >
> = {
  'a directory': { place: directory => `dir:${directory}/image` },
  'a layout': { place: directory => `oci:${directory}/image` },
  'an archive': { place: directory => `docker-archive:${directory}/image.tar` },
  'a layout, as zstd': {
    place: directory => `oci:${directory}/image`,
    options: { compression: 'zstd', forceCompression: 'yes' },
  },
  'a layout, as gzip of a level': {
    place: directory => `oci:${directory}/image`,
    options: { compression: 'gzip', compressionLevel: 1, forceCompression: 'yes' },
  },
  'a registry': { place: (_, host) => `docker://${host}/lent:whole` },
  'a registry, in pieces': {
    place: (_, host) => `docker://${host}/lent:pieces`,
    access: { uploadChunkSize: 150_000 },
  },
}

for (const [name, { place, options, access }] of Object.entries(ways)) {
  test(`layers of which the pieces are only lent arrive whole in ${name}`, async t => {
    const directory = await tempDir(t, 'lent')
    const { host } = await startRegistry(t)
    const image = randomImage({ seed: name, layers: 3, layerSize: 900_000 })
    const plain = parseImageName(`dir:${directory}/plain`)
    await copyImage(image, plain, { policy, compression: 'none', forceCompression: 'yes' })
    const to = parseImageName(place(directory, host))
    await copyImage(lending(plain), to, { policy, destination: await plainAccess(directory, access), ...options })
    const back = parseImageName(`dir:${join(directory, 'back')}`)
    const source = await plainAccess(directory)
    await copyImage(to, back, { policy, source, compression: 'none', forceCompression: 'yes' })
    const [was, is] = [await readImage(plain), await readImage(back)]
    t.deepEqual(
      is.layers.map(({ digest }) => digest),
      was.layers.map(({ digest }) => digest),
    )
    t.is(digestOf(is.config), digestOf(was.config))
  })
}
