import { dirname } from 'node:path'
import { removeLayers } from '../layers/remove.ts'
import type { StoredContainer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { userDirectories } from './create.ts'
import { needContainer } from './edit.ts'

/** Drops a container: its layer first, then its directories, then the record, so that a crash leaves something to go on with. */
export async function removeContainer(room: Room, id: string): Promise<void> {
  const trash = await room.layers.table.change(layers =>
    room.containers.table.change(async containers => {
      const container = needContainer(containers.all(), id)
      const trash = await removeLayers(room, layers, isShared(containers.all(), container) ? [] : [container.layer])
      for (const directory of userDirectories(room, container.id)) removeTree(dirname(directory))
      containers.drop(container.id)
      containers.save()
      return trash
    }),
  )
  trash[Symbol.dispose]()
}

const isShared = (all: readonly StoredContainer[], container: StoredContainer): boolean =>
  all.some(each => each.layer === container.layer && each.id !== container.id)
