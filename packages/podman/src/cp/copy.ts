import { realpathSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Containers, CopyInOptions, PathStat } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf } from '../exit-codes.ts'
import { packTree, renameEntries } from './pack.ts'
import { landed, landing, type Place, type Standing } from './place.ts'
import { unpackTree } from './unpack.ts'

export interface CopyOptions {
  /** Whose the files are in a container: the container's user, or as they were. */
  readonly owner: NonNullable<CopyInOptions['owner']>
  readonly otherKind: 'refuse' | 'replace'
}

type HostPlace = Extract<Place, { kind: 'host' }>
type ContainerPlace = Extract<Place, { kind: 'container' }>

const directoryBits = 0o040000
const kindBits = 0o170000
const isDirectory = ({ mode }: PathStat) => (mode & kindBits) === directoryBits

/** From the host into a container. */
export async function copyIn(
  containers: Containers,
  [from, to]: readonly [HostPlace, ContainerPlace],
  options: CopyOptions,
): Promise<void> {
  const path = resolve(from.path)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats)
    throw new UsageError(`${JSON.stringify(from.path)} could not be found on the host: no such file or directory`)
  const source = { path: from.path, name: basename(path), isDirectory: stats.isDirectory() }
  const { directory, name } = landing({ source, destination: await insideContainer(containers, to) })
  await assertDirectory(containers, to, directory)
  await containers.copyIn(to.container, directory, packTree(realpathSync(path), name), inOptions(options))
}

/** From a container to the host. */
export async function copyOut(
  containers: Containers,
  [from, to]: readonly [ContainerPlace, HostPlace],
  options: CopyOptions,
): Promise<void> {
  const { stat, tar } = await openSource(containers, from)
  const source = { path: from.path, name: stat.name, isDirectory: isDirectory(stat) }
  const missing = `${JSON.stringify(to.path)} could not be found on the host: no such file or directory`
  const { directory, name } = landing({ source, destination: { path: to.path, standing: onHost(to.path), missing } })
  if (onHost(directory) !== 'directory') throw new UsageError(missing)
  await unpackTree(tar, directory, { rename: entry => landed(entry, name), otherKind: options.otherKind })
}

/** From one container to another (or the same). */
export async function copyAcross(
  containers: Containers,
  [from, to]: readonly [ContainerPlace, ContainerPlace],
  options: CopyOptions,
): Promise<void> {
  const { stat, tar } = await openSource(containers, from)
  const source = { path: from.path, name: stat.name, isDirectory: isDirectory(stat) }
  const { directory, name } = landing({ source, destination: await insideContainer(containers, to) })
  await assertDirectory(containers, to, directory)
  await containers.copyIn(
    to.container,
    directory,
    renameEntries(tar, entry => landed(entry, name)),
    inOptions(options),
  )
}

/** From a container as a tar; a path that ends in `/.` gives what is in the directory, without the directory itself. */
export async function copyStreamOut(containers: Containers, from: ContainerPlace): Promise<AsyncIterable<Uint8Array>> {
  const { stat, tar } = await openSource(containers, from)
  return isDirectory(stat) && from.path.endsWith('/.') ? renameEntries(tar, entry => landed(entry, '')) : tar
}

/** A tar from somewhere else, into a directory of a container. */
export async function copyStreamIn(
  containers: Containers,
  tar: AsyncIterable<Uint8Array>,
  to: ContainerPlace,
  options: CopyOptions,
): Promise<void> {
  const { standing } = await insideContainer(containers, to)
  if (standing !== 'directory') throw new UsageError('destination must be a directory when copying from stdin')
  await containers.copyIn(to.container, to.path, tar, inOptions(options))
}

const inOptions = ({ owner, otherKind }: CopyOptions): CopyInOptions => ({
  owner,
  overwriteNonDirectory: otherKind === 'replace' ? 'yes' : 'no',
})

async function openSource(containers: Containers, { container, path }: ContainerPlace) {
  try {
    return await containers.copyOut(container, path)
  } catch (error) {
    if (codeOf(error) === 'CONTAINER_UNKNOWN') throw error
    const why = error instanceof Error ? error.message.replace(`${path}: no such`, 'no such') : String(error)
    throw new UsageError(`${JSON.stringify(path)} could not be found on container ${container}: ${why}`)
  }
}

async function insideContainer(containers: Containers, { container, path }: ContainerPlace) {
  const missing = `${JSON.stringify(path)} could not be found on container ${container}: no such file or directory`
  const { standing, leadsTo } = await standingInside(containers, container, path)
  // A link to nothing says where the file is to be made; with a slash at its end it was to be a directory.
  return { path: leadsTo === undefined || path.endsWith('/') ? path : leadsTo, standing, missing }
}

interface Found {
  readonly standing: Standing
  /** What is missing. */
  readonly leadsTo?: string
}

async function standingInside(containers: Containers, container: string, path: string): Promise<Found> {
  try {
    const { mode } = await containers.stat(container, path)
    const kind = mode & kindBits
    return { standing: kind === directoryBits ? 'directory' : kind === 0o100000 ? 'file' : 'other' }
  } catch (error) {
    if (codeOf(error) === 'CONTAINER_UNKNOWN') throw error
    const subject = error instanceof Error && 'subject' in error ? error.subject : undefined
    return { standing: 'nothing', ...(typeof subject === 'string' ? { leadsTo: subject } : {}) }
  }
}

async function assertDirectory(
  containers: Containers,
  { container, path }: ContainerPlace,
  directory: string,
): Promise<void> {
  if ((await standingInside(containers, container, directory)).standing !== 'directory')
    throw new UsageError(
      `${JSON.stringify(path)} could not be found on container ${container}: no such file or directory`,
    )
}

function onHost(path: string): Standing {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 'nothing'
  return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other'
}
