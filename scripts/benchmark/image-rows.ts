/** Rows about images beside pulling and loading: out of the store, between transports, in registries. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dockerReference, inspectImage, listTags, parseDockerReference } from '@libpod/image'
import { loadStoreOptions, openStore } from '@libpod/storage'
import { type Registry, startRegistry } from '@libpod/test-kit'
import { makeManyImages } from './many-images.ts'
import { type Finished, finish, type Side } from './measure.ts'
import type { Material, Row } from './rows.ts'

const bigName = 'localhost/big:bench'
const quick = { goal: 0.6, rounds: 3, memory: 'yes' } as const

/** What only prepares is done by Podman on both sides. */
const prepareWith = (side: Side, ...args: readonly string[]): Promise<Finished> => finish(side.maker ?? side, args)
const loadBig = (side: Side, { bigArchive }: Material) => prepareWith(side, 'load', '--quiet', '--input', bigArchive)
const removeImages = (side: Side) => prepareWith(side, 'rmi', '--force', bigName)

export const removeMany = (side: Side) =>
  prepareWith(side, 'rmi', '--force', ...[...Array(100).keys()].map(number => `localhost/many:${number}`))

const layersOf = (side: Side, { stores }: Material): string => join(stores, `${side.name}-layers`)

/** A side's own file or directory beside the material. */
const own = (side: Side, { bigTar }: Material, name: string): string => join(dirname(bigTar), `${side.name}-${name}`)

const skopeo = (side: Side): Side => ({ ...side, argv: ['skopeo', '--insecure-policy'] })
const script = (side: Side): Side => ({
  ...side,
  argv: [process.execPath, join(import.meta.dirname, 'copy-image.ts')],
})

/** A registry that knows nothing: a blob that was pushed once would be found there the next time. */
const registries = new Map<Side['name'], { readonly registry: Registry; readonly end: () => Promise<void> }>()

async function renewRegistry(side: Side): Promise<void> {
  await endRegistry(side)
  const cleanups: (() => unknown)[] = []
  const registry = await startRegistry({ teardown: cleanup => void cleanups.push(cleanup) })
  const end = async (): Promise<void> => {
    for (const cleanup of cleanups.toReversed()) await cleanup()
  }
  registries.set(side.name, { registry, end })
}

async function endRegistry(side: Side): Promise<void> {
  await registries.get(side.name)?.end()
  registries.delete(side.name)
}

async function timed(act: () => Promise<unknown>): Promise<Finished> {
  const begin = performance.now()
  await act()
  return { milliseconds: performance.now() - begin, peak: 0 }
}

/** Unpacks a layer through the library, without recording it. */
async function applyLayer(side: Side, material: Material): Promise<Finished> {
  const [graphRoot, runRoot] = [layersOf(side, material), own(side, material, 'run')]
  const options = await loadStoreOptions({ graphRoot, runRoot, driver: 'overlay' })
  await using store = await openStore(options)
  await using layer = await store.layers.stage()
  return await timed(() => layer.apply({ path: material.bigTar }))
}

async function untar(side: Side, material: Material): Promise<Finished> {
  const directory = layersOf(side, material)
  mkdirSync(directory)
  return await finish({ ...side, argv: ['tar'] }, ['-xpf', material.bigTar, '-C', directory])
}

const referenceOf = ({ bigImage }: Material) => parseDockerReference(bigImage)
const access = { tlsVerify: 'no' } as const

export const imageRows: readonly Row[] = [
  {
    ...{ name: 'layer apply of the 350 MB tar, against `tar -xp`', goal: 1.5, rounds: 3, memory: 'yes' },
    work: (side, material) => (side.name === 'ours' ? applyLayer(side, material) : untar(side, material)),
    restore: async (side, material) => rmSync(layersOf(side, material), { recursive: true, force: true }),
  },
  {
    ...{ name: '`save` of the 8 layers', ...quick },
    prepare: loadBig,
    work: (side, material) =>
      finish(side, ['save', '--quiet', '--output', own(side, material, 'saved.tar'), bigName], 'yes'),
    restore: async (side, material) => rmSync(own(side, material, 'saved.tar')),
    finish: removeImages,
  },
  {
    ...{ name: '`push` of the 8 layers to loopback', ...quick },
    prepare: async (side, material) => {
      await loadBig(side, material)
      await renewRegistry(side)
    },
    work: side => {
      const host = registries.get(side.name)?.registry.host
      return finish(side, ['push', '--quiet', '--tls-verify=false', bigName, `${host}/big:bench`], 'yes')
    },
    restore: renewRegistry,
    finish: async side => {
      await endRegistry(side)
      await removeImages(side)
    },
  },
  {
    ...{ name: '`commit` of 350 MB in 21,500 files', ...quick },
    prepare: (side, { bigTar }) => {
      const tree = join(dirname(bigTar), 'tree')
      const copy = ['localhost/busybox:bench', 'cp', '-a', '/src', '/data']
      return finish(side, ['run', '--name', 'changed', '--network', 'none', '--volume', `${tree}:/src:ro`, ...copy])
    },
    work: side => finish(side, ['commit', '--quiet', 'changed', 'localhost/committed:bench'], 'yes'),
    restore: side => prepareWith(side, 'rmi', '--force', 'localhost/committed:bench'),
    finish: side => finish(side, ['rm', '--force', 'changed']),
  },
  {
    ...{ name: '`copyImage` oci → oci-archive, against `skopeo copy`', ...quick },
    work: (side, material) => {
      const ends = [
        `oci:${join(dirname(material.bigTar), 'layout')}`,
        `oci-archive:${own(side, material, 'copied.tar')}`,
      ]
      return side.name === 'ours' ? finish(script(side), ends, 'yes') : finish(skopeo(side), ['copy', ...ends])
    },
    restore: async (side, material) => rmSync(own(side, material, 'copied.tar')),
  },
  {
    ...{ name: '`listTags`, a call, against `skopeo list-tags`', goal: 1.2, rounds: 15, memory: 'yes' },
    work: (side, material) =>
      side.name === 'ours'
        ? timed(() => listTags(referenceOf(material), access))
        : finish(skopeo(side), [
            'list-tags',
            '--tls-verify=false',
            `docker://${material.bigImage.slice(0, material.bigImage.lastIndexOf(':'))}`,
          ]),
  },
  {
    ...{ name: '`inspectImage`, a call, against `skopeo inspect`', goal: 1.2, rounds: 15, memory: 'yes' },
    work: (side, material) =>
      side.name === 'ours'
        ? timed(() => inspectImage(dockerReference(referenceOf(material)), { access }))
        : finish(skopeo(side), ['inspect', '--tls-verify=false', `docker://${material.bigImage}`]),
  },
  {
    ...{ name: '`images` with 100 images and 1,000 layers', goal: 1, rounds: 11 },
    prepare: async (side, material) => {
      const archive = makeManyImages(own(side, material, 'many.tar'))
      await prepareWith(side, 'load', '--quiet', '--input', archive)
      rmSync(archive)
    },
    work: side => finish(side, ['images']),
    finish: removeMany,
  },
]
