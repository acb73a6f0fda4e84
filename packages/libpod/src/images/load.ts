import { statSync } from 'node:fs'
import { detectFormat, formatDockerReference, listHeldImages, parseImageName, type Reference } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { download, isWebAddress } from './download.ts'
import type { PullEvent, RegistryOptions } from './images.ts'
import { newName, tryParse } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { idOfManifest, stored, transfer } from './transfer.ts'

type Options = RegistryOptions & Call<PullEvent>

/** Smaller archives are unpacked before a second thread has started, in bytes. */
const large = 16 << 20

/**
 * Every image of an archive or directory in any local format (or of an archive at an http(s) address), told by what is in it;
 * the names (or `sha256:` ids) loaded. @throws LibpodError IMAGE_INVALID when it is none; ImageError of the copy
 */
export async function loadImages(rooms: ImageRooms, from: string, options: Options = {}): Promise<readonly string[]> {
  if (!isWebAddress(from)) return loadPath(rooms, from, options)
  await using file = await download(from, options.signal)
  return await loadPath(rooms, file.path, options)
}

async function loadPath(rooms: ImageRooms, path: string, options: Options): Promise<readonly string[]> {
  if (sizeOf(path) >= large) await (await rooms.store()).layers.expectWork(2)
  const format = await detectFormat(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  if (format === undefined) throw unreadable(path, undefined)
  const names: string[] = []
  for (const { reference, names: given } of await heldBy(format, path)) {
    names.push(...(await loadOne(rooms, reference, { names: given, options, from: path })))
  }
  return names
}

/** Of what cannot be looked at, nothing: what is wrong with it is told later. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

async function heldBy(format: 'docker-archive' | 'oci-archive' | 'oci' | 'dir', path: string) {
  if (format === 'dir') return [{ reference: parseImageName(`dir:${path}`), names: [] }]
  return listHeldImages(format, path)
}

function unreadable(path: string, cause: unknown): LibpodError {
  const why = cause instanceof Error ? cause.message : 'it holds neither an image index nor a manifest'
  const formats = ['oci', 'oci-archive', 'docker-archive', 'dir'].map(format => `\n * ${format}: ${why}`)
  const text = `payload does not match any of the supported image formats:${formats.join('')}`
  return new LibpodError('IMAGE_INVALID', text, { subject: path, ...(cause !== undefined && { cause }) })
}

/** The image behind one reference of a local transport, under the name it has there. The ids. */
export async function loadFrom(rooms: ImageRooms, from: Reference, options: Options = {}): Promise<readonly string[]> {
  const names = await namesAt(from)
  const store = await rooms.store()
  const loaded = await loadOne(rooms, from, { names, options, from: from.text, verb: 'pull' })
  const images = await Promise.all(loaded.map(name => store.images.get(name.replace(/^sha256:/, ''))))
  return [...new Set(images.flatMap(image => (image ? [image.id] : [])))]
}

/** What the reference calls the image; of an archive, where it does not, what the archive calls it. */
async function namesAt({ transport, text, dockerReference }: Reference): Promise<readonly string[]> {
  if (dockerReference !== undefined && transport === 'docker-archive') return [text.slice(text.indexOf(':') + 1)]
  if (dockerReference !== undefined) return [formatDockerReference(dockerReference)]
  if (transport !== 'docker-archive' && transport !== 'oci-archive' && transport !== 'oci') return []
  const [path = '', rest = ''] = splitAtFirst(text, ':')
  if (transport === 'oci' && rest !== '' && !rest.startsWith('@')) return [rest]
  const held = await listHeldImages(transport, path)
  if (rest.startsWith('@')) return held[Number(rest.slice(1))]?.names ?? []
  return rest === '' ? (held[0]?.names ?? []) : [rest]
}

function splitAtFirst(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

interface Load {
  readonly names: readonly string[]
  readonly options: Options
  /** What the event names. */
  readonly from: string
  /** Which command it is for; absent: `load`. */
  readonly verb?: 'pull'
}

/** Copied once; further names are added to the record. */
async function loadOne(
  rooms: ImageRooms,
  from: Reference,
  { names, options, from: path, verb }: Load,
): Promise<readonly string[]> {
  const store = await rooms.store()
  const wanted = names.map(newName)
  const name = wanted[0] === undefined ? undefined : tryParse(wanted[0])
  const { signal, onProgress } = options
  const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  const result = await transfer(
    rooms,
    { from, to: await stored(rooms, name ? { name } : {}) },
    { registry: options, ...call },
  )
  const id = idOfManifest(result) ?? (wanted[0] === undefined ? undefined : (await store.images.get(wanted[0]))?.id)
  if (id === undefined)
    throw new LibpodError('IMAGE_INVALID', `the image of ${path} has no config to be known by`, { subject: path })
  if (wanted.length > 1) await store.images.addNames(id, wanted.slice(1))
  const told =
    verb === 'pull' ? { status: 'pull', name: `${from.transport}:${path}` } : { status: 'loadfromarchive', name: path }
  await rooms.events.write({ type: 'image', ...told, id })
  return wanted.length > 0 ? wanted : [`sha256:${id}`]
}
