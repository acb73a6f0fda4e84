import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { finishRemovals } from './containers/remove.ts'
import { recordStaging, sweepIncomplete } from './layers/sweep.ts'
import { sweepTemporaries } from './layers/temporary.ts'
import { temporaryPrefix } from './records/atomic-write.ts'
import { isId } from './records/id.ts'
import type { StoredImage, StoredLayer } from './records/stored.ts'
import type { Draft } from './records/table.ts'
import type { Room } from './room.ts'
import { removeTree } from './rooted/remove.ts'

/**
 * What the first change after another process's does before its own work: that process may have died in the middle. All
 * of it happens under the write lock, where a file that no record names is nobody's.
 */

export async function tidyLayers(room: Room, draft: Draft<StoredLayer>): Promise<() => void> {
  sweepIncomplete(room, draft)
  await finishRemovals(room, draft)
  removeTemporaryFiles(room.layers.directory)
  await dropStaleMounts(room)
  return () => {
    for (const parent of [room.driver.staging, recordStaging(room)]) sweepTemporaries(parent)
  }
}

export function tidyImages(room: Room, draft: Draft<StoredImage>): () => void {
  const { directory } = room.images
  const known = new Set(draft.all().map(each => each.id))
  const marked = list(directory).filter(name => name.startsWith(temporaryPrefix))
  for (const id of marked.map(name => name.slice(temporaryPrefix.length)))
    if (isId(id) && !known.has(id)) removeTree(join(directory, id))
  removeTemporaryFiles(directory)
  return () => {}
}

/** Every writer of the format holds the lock while it writes one of these. */
function removeTemporaryFiles(directory: string): void {
  for (const name of list(directory))
    if (name.startsWith(temporaryPrefix)) rmSync(join(directory, name), { force: true })
}

/** After a boot, or a death between unmounting and saying so. Under the layers' write lock. */
export async function dropStaleMounts(room: Room): Promise<void> {
  if (room.mounts.read().every(each => room.driver.isMounted(each.id))) return
  await room.mounts.change(draft => {
    removeTemporaryFiles(dirname(room.mounts.lock.path))
    for (const each of draft.all()) if (!room.driver.isMounted(each.id)) draft.drop(each.id)
    draft.save()
  })
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
