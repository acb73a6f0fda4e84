import { dirname } from 'node:path'
import { retireLayers } from '../layers/remove.ts'
import type { StoredContainer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { userDirectories } from './create.ts'
import { needContainer } from './edit.ts'

/**
 * Drops a container: its layer's files first, then its directories and its record, the layer's record last of all. Whoever
 * finds that one marked as incomplete after a crash finishes the work ({@link finishRemovals}).
 */
export async function removeContainer(room: Room, id: string): Promise<void> {
  const trash = await room.layers.table.change(layers =>
    room.containers.table.change(async containers => {
      const container = needContainer(containers.all(), id)
      const own = isShared(containers.all(), container) ? [] : [container.layer]
      const trash = await retireLayers(room, layers, own)
      dropContainer(room, containers, container.id)
      layers.save()
      return trash
    }),
  )
  trash[Symbol.dispose]()
}

function dropContainer(room: Room, draft: Draft<StoredContainer>, id: string): void {
  for (const directory of userDirectories(room, id)) removeTree(dirname(directory))
  draft.drop(id)
  draft.save()
}

/** Removes the containers whose layer was found half removed, under the layers' write lock. */
export async function finishRemovals(room: Room, layers: readonly string[]): Promise<void> {
  const isOne = (each: StoredContainer): boolean => layers.includes(each.layer)
  if (!room.containers.table.read().some(isOne)) return
  await room.containers.table.change(draft => {
    for (const { id } of draft.all().filter(isOne)) dropContainer(room, draft, id)
  })
}

const isShared = (all: readonly StoredContainer[], container: StoredContainer): boolean =>
  all.some(each => each.layer === container.layer && each.id !== container.id)
