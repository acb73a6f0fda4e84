import type { Room } from '../room.ts'
import { mendContainers } from './container-records.ts'
import { mendImages } from './image-records.ts'
import { mendLayers, restackLayers } from './layer-records.ts'
import { type Problem, problem } from './problems.ts'
import { layersById } from './referenced.ts'

/** Record files that hold what is no record, or no whole one. Nothing else can be judged while there are any. */
export function unreadableFiles(room: Room): readonly Problem[] {
  return tables(room)
    .flatMap(table => table.unreadable())
    .map(path => problem('records-unreadable', path, 'is no list of whole records'))
}

const tables = (room: Room) => [room.layers.table, room.images.table, room.containers.table, room.mounts]

/**
 * Puts every record right for which something on disk is proof: of damaged files what can be read is written anew, the
 * damaged ones kept beside them as `*.damaged`; lost records of whole layers, images and containers are made again.
 */
export async function mendRecords(room: Room, problems: readonly Problem[]): Promise<void> {
  for (const table of tables(room)) await table.salvage()
  await room.layers.table.change(async draft => {
    await mendLayers(room, draft, problems)
    restackLayers(room, draft.all())
  })
  await room.images.table.change(draft => mendImages(room, draft, layersById(room)))
  await room.layers.table.lock.hold('read', () =>
    room.containers.table.change(draft => mendContainers(room, draft, room.layers.table.read())),
  )
}
