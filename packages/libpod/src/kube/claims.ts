import { LibpodError } from '../errors.ts'
import type { VolumeSpec } from '../spec/volume.ts'
import { namedVolume } from './named-volume.ts'
import type { KubeClaim } from './objects.ts'
import type { KubeRooms } from './rooms.ts'

const own = 'volume.podman.io/'
const unsupported = ['import-source', 'image'].map(key => `${own}${key}`)

/** The named volume that a claim stands for. @throws LibpodError KUBE_INVALID, UNSUPPORTED */
export function claimSpec({ metadata = {} }: KubeClaim): VolumeSpec & { readonly name: string } {
  const { name, labels, annotations = {} } = metadata
  if (!name) throw new LibpodError('KUBE_INVALID', 'persistent volume claim name can not be empty')
  const not = unsupported.find(key => Object.hasOwn(annotations, key))
  if (not !== undefined)
    throw new LibpodError('UNSUPPORTED', `persistent volume claim ${name}: ${not} is not supported`, { subject: name })
  const said = (key: string): string | undefined => annotations[`${own}${key}`]
  const [driver, device, type] = [said('driver'), said('device'), said('type')]
  const words = [said('mount-options'), idOf(name, 'uid', said('uid')), idOf(name, 'gid', said('gid'))]
  const o = words.filter(Boolean).join(',')
  const options = { ...(device && { device }), ...(type && { type }), ...(o && { o }) }
  return { name, ...(labels && { labels }), ...(driver && { driver }), options }
}

function idOf(claim: string, key: 'uid' | 'gid', text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return `${key}=${text}`
  throw new LibpodError('KUBE_INVALID', `persistent volume claim ${claim}: cannot convert ${key} ${text} to integer`, {
    subject: claim,
  })
}

/** Makes the volume of a claim, unless it is there. */
export async function makeClaim(
  rooms: Pick<KubeRooms, 'volumes'>,
  claim: KubeClaim,
  undo: AsyncDisposableStack,
): Promise<string> {
  const spec = claimSpec(claim)
  const there = await namedVolume(rooms, spec.name)
  const { name } = await rooms.volumes.create({ ...spec, onNameConflict: 'ignore' })
  if (!there) undo.defer(() => rooms.volumes.remove(name))
  return name
}
