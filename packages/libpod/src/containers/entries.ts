import { closeSync, constants, openSync } from 'node:fs'
import { LibpodError } from '../errors.ts'
import type { DirectoryEntry } from './containers.ts'
import { entriesInRoot } from './in-root.ts'
import { type LocateRooms, openTree } from './locate.ts'

/** What a directory holds, through mounts and volumes; undefined when there is none. @throws LibpodError CONTAINER_UNKNOWN */
export async function entriesInContainer(
  rooms: LocateRooms,
  name: string,
  path: string,
): Promise<readonly DirectoryEntry[] | undefined> {
  await using tree = await openTree(rooms, rooms.state.containers.find(name))
  try {
    const { at, stats } = tree.locate(path)
    return stats.isDirectory() ? entriesAt(at) : undefined
  } catch (error) {
    if (error instanceof LibpodError && error.code === 'FILE_UNKNOWN') return undefined
    throw error
  }
}

/** Of the directory itself, whatever its container puts in its place from now on. */
function entriesAt(path: string): readonly DirectoryEntry[] | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return entriesInRoot(fd, '.')
  } finally {
    closeSync(fd)
  }
}
