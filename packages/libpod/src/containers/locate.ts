import { closeSync, constants, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs'
import { posix } from 'node:path'
import { close, openat2, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, SyscallError } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { mountContainer, unmountContainer } from './disk.ts'
import { isRunning } from './liveness.ts'

const O_PATH = 0o10000000
const mostLinks = 40

export type LocateRooms = Pick<Rooms, 'options' | 'state' | 'store' | 'host' | 'volumes'>

/** A file of a container: a handle of its directory and its name there, which is no link. */
export interface Located {
  /** `/proc/self/fd/…/name`: to be opened without following links. */
  readonly at: string
  readonly stats: Stats
  /** Within the container, links resolved. */
  readonly path: string
}

/** The file systems of a container, from which files are located; to be disposed of. */
export interface ContainerTree extends AsyncDisposable {
  /** Every link is resolved inside the container, wherever it points; a relative path begins at the working directory. @throws LibpodError FILE_UNKNOWN */
  locate(path: string): Located
}

interface Branch {
  readonly destination: string
  readonly fd: number
}

/**
 * A running container's files are seen as its own process sees them; those of another are its root and, over it, its volumes
 * and binds.
 */
export async function openTree(rooms: LocateRooms, record: ContainerRecord): Promise<ContainerTree> {
  await using undo = new AsyncDisposableStack()
  const branches: Branch[] = []
  const add = (destination: string, source: string): void => {
    const fd = openSync(source, O_PATH | constants.O_DIRECTORY)
    undo.defer(() => closeSync(fd))
    branches.push({ destination, fd })
  }
  const { process } = record.status
  if (isRunning(rooms, record) && process) add('/', `/proc/${process.pid}/root`)
  else {
    add('/', await mountContainer(rooms, record.id))
    undo.defer(() => unmountContainer(rooms, record.id, 'once'))
    for (const [destination, source] of await mountedDirectories(rooms, record)) add(destination, source)
  }
  const handles = undo.move()
  return {
    locate: path => walk({ branches, workdir: record.config.workdir, defer: close => handles.defer(close) }, path),
    [Symbol.asyncDispose]: () => handles.disposeAsync(),
  }
}

async function mountedDirectories(
  rooms: LocateRooms,
  { config }: ContainerRecord,
): Promise<readonly (readonly [destination: string, source: string])[]> {
  const volumes = await Promise.all(
    config.volumes.map(
      async ({ name, destination }) => [destination, (await rooms.volumes.inspect(name)).mountPoint] as const,
    ),
  )
  const binds = (config.spec.mounts?.mounts ?? []).flatMap(mount =>
    mount.kind === 'bind' && lstatSync(mount.source, { throwIfNoEntry: false })?.isDirectory()
      ? [[mount.destination, mount.source] as const]
      : [],
  )
  return [...volumes, ...binds]
}

interface Trees {
  readonly branches: readonly Branch[]
  /** Where relative paths begin. */
  readonly workdir: string
  defer(close: () => void): void
}

/** Follows a link at the end itself, for it may lead into another branch. */
function walk(trees: Trees, asked: string): Located {
  let path = posix.resolve('/', trees.workdir, asked)
  for (let links = 0; links < mostLinks; links++) {
    const { fd, inside } = branchOf(trees.branches, path)
    const parent = openIn(fd, posix.dirname(inside), asked)
    trees.defer(() => close(parent))
    const at = `/proc/self/fd/${parent}/${inside === '/' ? '.' : posix.basename(inside)}`
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (!stats) throw missing(asked, path)
    if (!stats.isSymbolicLink()) return { at, stats, path }
    const target = readLink(at, asked)
    if (target !== undefined) path = posix.resolve(posix.dirname(path), target)
  }
  throw new LibpodError('FILE_UNKNOWN', `${asked}: too many levels of symbolic links`, { subject: asked })
}

/** Undefined when it is a link no more: its container is at work on it. */
function readLink(at: string, asked: string): string | undefined {
  try {
    return readlinkSync(at)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw missing(asked)
    if (code === 'EINVAL') return undefined
    throw error
  }
}

/** The branch that is mounted nearest above a path. */
function branchOf(branches: readonly Branch[], path: string): { readonly fd: number; readonly inside: string } {
  const covering = branches.filter(
    ({ destination }) => destination === '/' || path === destination || path.startsWith(`${destination}/`),
  )
  const nearest = covering.reduce((best, one) => (one.destination.length >= best.destination.length ? one : best))
  const inside = nearest.destination === '/' ? path : path.slice(nearest.destination.length)
  return { fd: nearest.fd, inside: inside || '/' }
}

function openIn(root: number, directory: string, asked: string): number {
  try {
    return openat2(root, directory, {
      flags: O_PATH | constants.O_DIRECTORY,
      resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    })
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code)) throw missing(asked)
    throw error
  }
}

/** The subject is what is missing: where a link leads to, when it was a link. */
const missing = (asked: string, path = asked): LibpodError =>
  new LibpodError('FILE_UNKNOWN', `${asked}: no such file or directory`, { subject: path })
