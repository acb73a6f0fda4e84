import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { unlessFull } from '../records/atomic-write.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import type { LayerId } from './layers.ts'
import { makeTemporary } from './temporary.ts'

/** Where a layer's tar-split record lies. */
export const tarSplitFile = (directory: string, id: LayerId): string => join(directory, `${id}.tar-split.gz`)

export const hasTarSplit = (room: Room, id: LayerId): boolean => existsSync(tarSplitFile(room.layers.directory, id))

/** Beside the layers' records: the driver's home may be a mount of its own, out of which nothing can be renamed. */
export const recordStaging = (room: Room): string => join(room.layers.directory, 'tmp')

/** Removes layers that a dead maker or remover left half done (or just `only`), under the layers' write lock. */
export function sweepIncomplete(room: Room, draft: Draft<StoredLayer>, only?: ReadonlySet<LayerId>): void {
  const broken = draft.all().filter(each => each.flags?.incomplete === true && (only?.has(each.id) ?? true))
  if (broken.length === 0) return
  using trash = unlessFull(() => makeTemporary(room.driver.staging))
  for (const { id } of broken) {
    retireFiles(room, id, trash?.path)
    draft.drop(id)
  }
  draft.save()
}

/** Takes everything a layer has on disk out of the way: its files into `trash` where there is one, the rest removed. */
export function retireFiles(room: Room, id: LayerId, trash: string | undefined): void {
  if (room.driver.name !== 'vfs' && room.driver.has(id) && room.driver.isMounted(id)) room.driver.unmount(id)
  room.driver.retire(id, trash)
  rmSync(tarSplitFile(room.layers.directory, id), { force: true })
  removeTree(join(room.layers.directory, id))
}
