import { posix } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import type { CopyInOptions, PathStat } from './containers.ts'
import { resolveUser } from './facts.ts'
import { type ContainerTree, type Located, type LocateRooms, openTree } from './locate.ts'

/** What stands at a path, links resolved inside the container. @throws LibpodError CONTAINER_UNKNOWN, FILE_UNKNOWN */
export async function statInContainer(rooms: LocateRooms, name: string, path: string): Promise<PathStat> {
  await using tree = await openTree(rooms, rooms.state.containers.find(name))
  return statOf(path, tree.locate(path))
}

function statOf(asked: string, { stats, path }: Located): PathStat {
  return {
    name: posix.basename(posix.resolve('/', asked)) || '/',
    size: stats.size,
    mode: stats.mode,
    mtime: timestamp(stats.mtime),
    linkTarget: path,
  }
}

/** @throws LibpodError CONTAINER_UNKNOWN, FILE_UNKNOWN */
export async function copyOut(
  rooms: LocateRooms,
  name: string,
  path: string,
  call: Call = {},
): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }> {
  const tree = await openTree(rooms, rooms.state.containers.find(name))
  try {
    const located = tree.locate(path)
    const stat = statOf(path, located)
    return { stat, tar: pack(tree, located.at, { name: stat.name === '/' ? '.' : stat.name, ...call }) }
  } catch (error) {
    await tree[Symbol.asyncDispose]()
    throw error
  }
}

async function* pack(
  tree: ContainerTree,
  at: string,
  { name, signal }: Call & { readonly name: string },
): AsyncGenerator<Uint8Array> {
  await using _ = tree
  const { packEntry } = await import('@libpod/storage')
  for await (const piece of packEntry(at, name)) {
    signal?.throwIfAborted()
    yield piece
  }
}

/** @throws LibpodError CONTAINER_UNKNOWN, FILE_UNKNOWN, SPEC_INVALID when the path is no directory; StorageError of the tar */
export async function copyIn(
  rooms: LocateRooms,
  name: string,
  path: string,
  { tar, ...options }: CopyInOptions & Call & { readonly tar: AsyncIterable<Uint8Array> },
): Promise<void> {
  const record = rooms.state.containers.find(name)
  await using tree = await openTree(rooms, record)
  const { at, stats } = tree.locate(path)
  if (!stats.isDirectory())
    throw new LibpodError('SPEC_INVALID', `${path} in container ${name} is not a directory`, { subject: path })
  const { unpackArchive } = await import('@libpod/storage')
  await unpackArchive(`${at}/.`, tar, {
    otherKind: options.overwriteNonDirectory === 'yes' ? 'replace' : 'refuse',
    ...(options.owner === 'container-user' ? { owner: ownerIn(tree, record) } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  })
}

function ownerIn(tree: ContainerTree, record: ContainerRecord): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = resolveUser(record, tree.locate('/').at)
  return { uid, gid }
}
