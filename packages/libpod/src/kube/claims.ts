import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { VolumeSpec } from '../spec/volume.ts'
import { namedVolume } from './named-volume.ts'
import type { KubeClaim } from './objects.ts'
import type { KubeRooms } from './rooms.ts'

const own = 'volume.podman.io/'

/** The named volume that a claim stands for. @throws LibpodError KUBE_INVALID */
export function claimSpec({ metadata = {} }: KubeClaim): VolumeSpec & { readonly name: string } {
  const { name, labels, annotations = {} } = metadata
  if (!name) throw new LibpodError('KUBE_INVALID', 'persistent volume claim name can not be empty')
  const said = (key: string): string | undefined => annotations[`${own}${key}`]
  const [driver, device, type, image] = [said('driver'), said('device'), said('type'), said('image')]
  const words = [said('mount-options'), idOf(name, 'uid', said('uid')), idOf(name, 'gid', said('gid'))]
  const o = words.filter(Boolean).join(',')
  const options = { ...(device && { device }), ...(type && { type }), ...(o && { o }), ...(image && { image }) }
  return { name, ...(labels && { labels }), ...(driver && { driver }), options }
}

function idOf(claim: string, key: 'uid' | 'gid', text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return `${key}=${text}`
  throw new LibpodError('KUBE_INVALID', `persistent volume claim ${claim}: cannot convert ${key} ${text} to integer`, {
    subject: claim,
  })
}

/** Whether it can be made, as far as the document tells. @throws LibpodError KUBE_INVALID */
export function checkClaim(claim: KubeClaim): void {
  claimSpec(claim)
  const archive = openSource(claim)
  if (archive !== undefined) closeSync(archive)
}

/** A descriptor of the archive that a claim is to be filled with. @throws LibpodError KUBE_INVALID, or why it cannot be read */
function openSource({ metadata = {} }: KubeClaim): number | undefined {
  const path = metadata.annotations?.[`${own}import-source`]
  if (!path) return undefined
  if (path.includes(':'))
    throw new LibpodError('KUBE_INVALID', `invalid filename (should not contain ':') ${JSON.stringify(path)}`, {
      subject: path,
    })
  // A FIFO would wait for somebody who writes.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new LibpodError('KUBE_INVALID', `${path} is not a regular file`, { subject: path })
}

/** Makes the volume of a claim, unless it is there, and unpacks over it what it is to be filled with. */
export async function makeClaim(
  rooms: Pick<KubeRooms, 'volumes'>,
  claim: KubeClaim,
  { undo, ...call }: { readonly undo: AsyncDisposableStack } & Call,
): Promise<string> {
  const spec = claimSpec(claim)
  const there = await namedVolume(rooms, spec.name)
  const { name } = await rooms.volumes.create({ ...spec, onNameConflict: 'ignore' })
  if (!there) undo.defer(() => rooms.volumes.remove(name))
  const archive = openSource(claim)
  if (archive === undefined) return name
  const tar = createReadStream('', { fd: archive })
  try {
    await rooms.volumes.import(name, tar, call)
  } finally {
    tar.destroy()
  }
  return name
}
