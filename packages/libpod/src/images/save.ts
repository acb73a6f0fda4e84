import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  createDockerArchive,
  type DockerReference,
  parseDockerReference,
  parseImageName,
  withDefaultTag,
} from '@libpod/image'
import type { ImageRecord } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { PullEvent, SaveOptions } from './images.ts'
import { locateImage } from './lookup.ts'
import { newName } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { stored, transfer } from './transfer.ts'

type Options = SaveOptions & Call<PullEvent>

/** An image and the names it shall have in the archive. */
interface ToSave {
  readonly record: ImageRecord
  readonly tags: readonly DockerReference[]
}

/**
 * Writes images into an archive or directory. Only docker-archive holds several. To a stream, the archive is finished in a
 * temporary file first. @throws LibpodError IMAGE_UNKNOWN, SPEC_INVALID; ImageError of the copy
 */
export async function saveImages(rooms: ImageRooms, names: readonly string[], options: Options): Promise<void> {
  if (names.length > 1 && options.format !== 'docker-archive') {
    throw new LibpodError(
      'SPEC_INVALID',
      `unsupported format ${JSON.stringify(options.format)} for saving multiple images (only docker-archive)`,
    )
  }
  const { output } = options
  const images = await collect(rooms, names, options.additionalTags ?? [])
  if (typeof output === 'string') return saveTo(rooms, images, { path: output, options })
  const directory = await mkdtemp(join(process.env.TMPDIR ?? '/var/tmp', 'libpod-save-'))
  try {
    const path = join(directory, 'archive')
    await saveTo(rooms, images, { path, options })
    await pipeline(createReadStream(path), output, { end: false, ...(options.signal && { signal: options.signal }) })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Several names of one image become tags of one entry. */
async function collect(
  rooms: ImageRooms,
  names: readonly string[],
  additional: readonly string[],
): Promise<readonly ToSave[]> {
  const images = new Map<string, ToSave>()
  for (const name of names) {
    const { record, resolvedName } = await locateImage(rooms, name)
    const byId = record.id.startsWith(resolvedName.replace(/^sha256:/, ''))
    const reference = byId ? undefined : parseDockerReference(resolvedName)
    const tag = reference?.tag === undefined ? [] : [reference]
    images.set(record.id, { record, tags: [...(images.get(record.id)?.tags ?? []), ...tag] })
  }
  const [first, ...rest] = images.values()
  const more = additional.map(name => withDefaultTag(parseDockerReference(newName(name))))
  return first ? [{ ...first, tags: [...first.tags, ...more] }, ...rest] : []
}

interface Place {
  readonly path: string
  readonly options: Options
}

async function saveTo(rooms: ImageRooms, images: readonly ToSave[], { path, options }: Place): Promise<void> {
  if (options.format === 'docker-archive') await saveArchive(rooms, images, { path, options })
  else if (images[0]) await saveSingle(rooms, images[0], { path, options })
  for (const { record } of images)
    await rooms.events.write({ type: 'image', status: 'save', id: record.id, name: path })
}

async function saveArchive(rooms: ImageRooms, images: readonly ToSave[], { path, options }: Place): Promise<void> {
  await using archive = await createDockerArchive(path)
  for (const { record, tags } of images) {
    const ends = { from: await stored(rooms, { id: record.id }), to: archive.reference(tags) }
    await transfer(rooms, ends, { signatures: 'remove', ...call(options) })
  }
  await archive.finish()
}

async function saveSingle(rooms: ImageRooms, { record, tags }: ToSave, { path, options }: Place): Promise<void> {
  const { format, compress, uncompressed } = options
  const transport = ({ 'oci-archive': 'oci-archive', 'oci-dir': 'oci', 'docker-dir': 'dir' } as const)[
    format as Exclude<SaveOptions['format'], 'docker-archive'>
  ]
  const [tag] = tags
  const name = tag && transport !== 'dir' ? `:${nameOf(tag)}` : ''
  const to = parseImageName(`${transport}:${path}${name}`)
  const plain = uncompressed === 'yes' || (transport === 'dir' && compress !== 'yes')
  const ends = { from: await stored(rooms, { id: record.id }), to }
  await transfer(rooms, ends, {
    format: transport === 'dir' ? 'v2s2' : 'oci',
    ...(plain && { compression: 'none' as const }),
    signatures: 'remove',
    ...call(options),
  })
}

const nameOf = ({ domain, path, tag }: DockerReference): string =>
  `${domain}/${path}${tag === undefined ? '' : `:${tag}`}`

const call = ({ signal, onProgress, signaturePolicy }: Options) => ({
  ...(signal && { signal }),
  ...(onProgress && { onProgress }),
  ...(signaturePolicy !== undefined && { registry: { signaturePolicy } }),
})
