import type { Change, Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'

/** One line of `podman diff`: added, changed, deleted. */
export interface Difference {
  readonly kind: 'A' | 'C' | 'D'
  readonly path: string
}

const letters = { added: 'A', modified: 'C', deleted: 'D' } as const

/** Places that the engine itself mounts or makes in every container: nobody changed them. */
const ownPlaces = new Set([
  ...['/dev', '/proc', '/run', '/sys', '/etc/hostname', '/etc/hosts', '/etc/mtab', '/etc/resolv.conf'],
  ...['/run/.containerenv', '/run/notify', '/run/podman-init', '/run/secrets'],
])

export async function tellChanges(changes: AsyncIterable<Change>): Promise<readonly Difference[]> {
  const told: Difference[] = []
  for await (const { kind, path } of changes) if (!ownPlaces.has(path)) told.push({ kind: letters[kind], path })
  return told
}

/** What the image's top layer changes. @throws LibpodError IMAGE_UNKNOWN */
export async function imageChanges(
  rooms: ImageRooms,
  name: string,
  { signal }: Call = {},
): Promise<readonly Difference[]> {
  const { record } = await locateImage(rooms, name)
  if (record.layer === undefined) return []
  return await tellChanges((await rooms.store()).layers.changes(record.layer, undefined, signal && { signal }))
}

/**
 * What an image, container (of whatever tool) or layer changes as against another of them; against its own parent when none is
 * given. @throws LibpodError IMAGE_UNKNOWN
 */
export async function differences(
  rooms: ImageRooms,
  name: string,
  { since, signal }: Call & { readonly since?: string | undefined } = {},
): Promise<readonly Difference[]> {
  const store = await rooms.store()
  const top = await topLayer(rooms, store, name)
  const base = since === undefined ? undefined : await topLayer(rooms, store, since)
  return await tellChanges(store.layers.changes(top, base, signal && { signal }))
}

async function topLayer(rooms: ImageRooms, store: Store, name: string): Promise<string> {
  const image = await locateImage(rooms, name).catch(() => undefined)
  if (image?.record.layer !== undefined) return image.record.layer
  const id = (await store.containers.get(name))?.layer ?? (await store.layers.get(name))?.id
  if (id !== undefined) return id
  throw new LibpodError('IMAGE_UNKNOWN', `${name} not found: layer not known`, { subject: name })
}
