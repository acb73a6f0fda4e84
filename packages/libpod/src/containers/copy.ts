import { closeSync, constants, openSync } from 'node:fs'
import { posix } from 'node:path'
import type { StorageError } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import type { CopyInOptions, PathStat } from './containers.ts'
import { resolveUser } from './facts.ts'
import { type ContainerTree, type Located, type LocateRooms, openTree } from './locate.ts'

const O_PATH = 0o10000000

/** What stands at a path, links resolved inside the container. @throws LibpodError CONTAINER_UNKNOWN, FILE_UNKNOWN */
export async function statInContainer(rooms: LocateRooms, name: string, path: string): Promise<PathStat> {
  await using tree = await openTree(rooms, rooms.state.containers.find(name))
  return statOf(path, tree.locate(path))
}

function statOf(asked: string, { stats, path }: Located): PathStat {
  return {
    name: posix.basename(posix.resolve('/', asked)) || posix.basename(path) || '/',
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
  const { StorageError, unpackArchive } = await import('@libpod/storage')
  using directory = heldDirectory(at, path)
  await unpackArchive(directory.path, tar, {
    otherKind: options.overwriteNonDirectory === 'yes' ? 'replace' : 'refuse',
    ...(options.owner === 'container-user' ? { owner: ownerIn(tree, record) } : {}),
    ...(record.config.idMappings ? { mappings: record.config.idMappings } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  }).catch(error => {
    throw error instanceof StorageError && error.code === 'ARCHIVE_OTHER_KIND' ? exists(path, error) : error
  })
}

/** The directory itself, whatever its container puts in its place from now on. @throws LibpodError FILE_UNKNOWN */
function heldDirectory(at: string, asked: string): Disposable & { readonly path: string } {
  try {
    const fd = openSync(at, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    return { path: `/proc/self/fd/${fd}/.`, [Symbol.dispose]: () => closeSync(fd) }
  } catch (cause) {
    throw new LibpodError('FILE_UNKNOWN', `${asked}: no such file or directory`, { subject: asked, cause })
  }
}

const exists = (path: string, cause: StorageError): LibpodError =>
  new LibpodError(
    'SPEC_INVALID',
    `copying to container: error creating ${JSON.stringify(posix.join('/', path, cause.subject ?? ''))}: open: file exists`,
    { subject: path, cause },
  )

function ownerIn(tree: ContainerTree, record: ContainerRecord): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = resolveUser(record, tree.locate('/').at)
  return { uid, gid }
}
