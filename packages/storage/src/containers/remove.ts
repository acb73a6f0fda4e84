import { dirname } from 'node:path'
import { retireLayers } from '../layers/remove.ts'
import { isId } from '../records/id.ts'
import { nearest } from '../records/near.ts'
import type { StoredContainer, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import { type Room, settleDriver } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { userDirectories } from './create.ts'
import { needContainer } from './edit.ts'

interface Waiting {
  readonly id: string
  readonly done: PromiseWithResolvers<void>
}

/**
 * Removes containers one call each. Those that wait when the locks are had go together: the records are written and synced
 * three times for all of them. When one of several cannot be removed, each is tried by itself.
 */
export function containerRemovals(room: Room): (id: string) => Promise<void> {
  const waiting: Waiting[] = []
  let working = false
  const work = async (): Promise<void> => {
    if (working) return
    working = true
    while (waiting.length > 0) await removeWaiting(room, waiting)
    working = false
  }
  return async id => {
    const done = Promise.withResolvers<void>()
    waiting.push({ id, done })
    void work()
    await done.promise
  }
}

async function removeWaiting(room: Room, waiting: Waiting[]): Promise<void> {
  let group: readonly Waiting[] = []
  const take = (): readonly string[] => {
    group = waiting.splice(0)
    return group.map(({ id }) => id)
  }
  try {
    await removeTogether(room, take)
    for (const { done } of group) done.resolve()
  } catch (error) {
    if (group.length === 0) group = waiting.splice(0)
    if (group.length === 1) group[0]?.done.reject(error)
    else for (const { id, done } of group) await removeTogether(room, () => [id]).then(done.resolve, done.reject)
  }
}

/**
 * Drops containers: their layers' files first, then their directories and records, the layers' records last of all. Whoever
 * finds those marked as incomplete after a crash finishes the work ({@link finishRemovals}).
 */
async function removeTogether(room: Room, take: () => readonly string[]): Promise<void> {
  const trash = await room.layers.table.change(layers =>
    room.containers.table.change(async containers => {
      const going = new Set(take().map(id => needContainer(containers.all(), id)))
      const kept = new Set(containers.all().flatMap(each => (going.has(each) ? [] : [each.layer])))
      const own = new Set([...going].map(({ layer }) => layer))
      const trash = await retireLayers(room, layers, [...own.difference(kept)])
      dropContainers(room, containers, [...going])
      layers.save()
      return trash
    }),
  )
  trash[Symbol.dispose]()
  await settleDriver(room)
}

function dropContainers(room: Room, draft: Draft<StoredContainer>, containers: readonly StoredContainer[]): void {
  for (const { id } of containers) {
    for (const directory of userDirectories(room, id)) removeTree(dirname(directory))
    draft.drop(id)
  }
  draft.save()
}

/**
 * Removes the containers whose layer is gone, record and files: what is left when a removal was cut off and the rest of the
 * layer was swept, by us or by another tool. One whose layer differs in a few digits is damaged, not gone. Under the
 * layers' write lock.
 */
export async function finishRemovals(room: Room, layers: Draft<StoredLayer>): Promise<void> {
  const known = layers.all().map(each => each.id)
  const isGone = ({ id, layer }: StoredContainer): boolean =>
    isId(id) && isId(layer) && !layers.find(layer) && !room.driver.has(layer) && nearest(layer, known) === undefined
  if (!room.containers.table.read().some(isGone)) return
  await room.containers.table.change(draft => dropContainers(room, draft, draft.all().filter(isGone)))
}
