import { lstatSync, readdirSync } from 'node:fs'
import {
  close,
  fchmodat,
  fchownat,
  lgetxattr,
  lsetxattr,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  tryOpenat,
} from '@libpod/syscall'
import type { Call } from '../call.ts'
import { StorageError } from '../errors.ts'
import { createLayer } from '../layers/create.ts'
import { storedLayer } from '../layers/find.ts'
import { mountLayer, unmountLayer } from '../layers/mounts.ts'
import { removeLayer } from '../layers/remove.ts'
import { paced } from '../paced.ts'
import { randomId } from '../random-id.ts'
import { toStoredMappings } from '../records/convert.ts'
import type { StoredImage, StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { nameIn } from '../rooted/name-in.ts'
import { type IdMappings, toHost } from './mapping.ts'

/**
 * The image's top layer with its files owned as the mappings shift them: one that exists, else a new one on top of the
 * image's own, in which everything has changed hands. It is made once for each mapping and recorded with the image.
 * @throws StorageError LAYER_UNKNOWN, OPTION_INVALID when an owner has no id on the host
 */
export async function mappedTop(
  room: Room,
  image: StoredImage,
  { signal, ...mappings }: IdMappings & Pick<Call, 'signal'>,
): Promise<string | undefined> {
  const { layer: top } = image
  if (top === undefined || isIdentity(mappings)) return top
  const made = image['mapped-layers']?.find(id => hasMappings(storedLayer(room, id), mappings))
  if (made !== undefined) return made
  const id = randomId()
  await room.layers.table.change(draft => createLayer(room, draft, { id, parent: top, mappings }))
  // Nobody else knows the layer yet: the long part needs no lock.
  try {
    const path = await mountLayer(room, id)
    try {
      await paced(shift(Buffer.from(path), mappings), signal && { signal })
    } finally {
      await unmountLayer(room, id)
    }
  } catch (error) {
    await removeLayer(room, id)
    throw error
  }
  await room.images.table.change(draft => {
    const now = draft.find(image.id)
    if (now) draft.replace({ ...now, 'mapped-layers': [...(now['mapped-layers'] ?? []), id] })
    draft.save()
  })
  return id
}

const isIdentity = ({ uids, gids }: IdMappings): boolean =>
  [...uids, ...gids].every(each => each.containerId === each.hostId)

function hasMappings(layer: StoredLayer | undefined, { uids, gids }: IdMappings): boolean {
  const same = (stored: StoredLayer['uidmap'], wanted: IdMappings['uids']): boolean =>
    JSON.stringify(stored ?? []) === JSON.stringify(toStoredMappings(wanted))
  return layer !== undefined && same(layer.uidmap, uids) && same(layer.gidmap, gids)
}

interface Entry {
  readonly dirfd: number
  readonly name: Buffer
}

/** Gives a tree to other owners, modes and capabilities kept; a file of several names once. */
function* shift(path: Buffer, mappings: IdMappings): Generator<void, void> {
  const seen = new Set<string>()
  function* visit(at: Entry): Generator<void, void> {
    const full = nameIn(at.dirfd, at.name)
    const { dev, ino, nlink, uid, gid, mode } = lstatSync(full)
    const key = `${dev}:${ino}`
    if (seen.has(key)) return
    if (nlink > 1) seen.add(key)
    // The entries first: a directory of others may not be ours to read.
    if ((mode & 0o170000) === 0o040000) yield* below(full, visit)
    const capability = lgetxattr(full, 'security.capability')
    fchownat(at, host(uid, mappings.uids), host(gid, mappings.gids))
    if ((mode & 0o170000) !== 0o120000) fchmodat(at, mode & 0o7777)
    if (capability) lsetxattr(full, 'security.capability', ofRoot(capability, host(0, mappings.uids)))
  }
  const root = tryOpenat(-100, path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
  try {
    yield* visit({ dirfd: root, name: Buffer.from('.') })
  } finally {
    close(root)
  }
}

function* below(path: Buffer, visit: (at: Entry) => Generator<void, void>): Generator<void, void> {
  const dirfd = tryOpenat(-100, path, O_PATH | O_DIRECTORY | O_NOFOLLOW)
  if (dirfd < 0) return
  try {
    for (const name of readdirSync(`/proc/self/fd/${dirfd}`, { encoding: 'buffer' })) yield* visit({ dirfd, name })
    yield
  } finally {
    close(dirfd)
  }
}

/** File capabilities count for the root that they name; the older form names the host's (capabilities(7), VFS_CAP_REVISION_3). */
function ofRoot(capability: Buffer, root: number): Buffer {
  if (capability.length !== 20 || capability[3] !== 2) return capability
  const owned = Buffer.concat([capability, Buffer.alloc(4)])
  owned[3] = 3
  owned.writeUInt32LE(root, 20)
  return owned
}

function host(id: number, ranges: IdMappings['uids']): number {
  const mapped = toHost(id, ranges)
  if (mapped !== undefined) return mapped
  throw new StorageError(
    'OPTION_INVALID',
    `the id ${id} of a file of the image has no id on the host in these mappings`,
  )
}
