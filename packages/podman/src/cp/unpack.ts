import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import type { Entry, Headers } from 'tar-stream'
import { UsageError } from '../cli/usage-error.ts'
import { entriesOf } from './pack.ts'

export interface UnpackOptions {
  /** Names of entries on the host, relative to the directory; an empty name is left out. */
  readonly rename: (name: string) => string
  /** A directory where a file is to go, or the other way round. */
  readonly otherKind: 'refuse' | 'replace'
}

type Rooted = UnpackOptions & { readonly root: string }

/**
 * Unpacks a tar that a container made into a directory of the host. Nothing in it is trusted: names stay inside the directory,
 * links that it brings are never followed, files are new ones. Owners are ours, modes and times are kept.
 */
export async function unpackTree(
  bytes: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions,
): Promise<void> {
  const root = realpathSync(directory)
  const rooted: Rooted = { ...options, root }
  const directories: [path: string, header: Headers][] = []
  for await (const entry of entriesOf(bytes)) {
    const name = options.rename(entry.header.name)
    const path = name === '' ? undefined : inside(root, name, rooted)
    if (path === undefined) entry.resume()
    else if (entry.header.type === 'directory') directories.push(makeDirectory(path, entry, rooted))
    else await makeFile(path, entry, rooted)
  }
  for (const [path, header] of directories.reverse()) finish(path, header)
}

/** The path of an entry, its parent directories made and known to be real directories. */
function inside(root: string, name: string, options: Rooted): string {
  const parts = name.split('/').filter(part => part !== '' && part !== '.')
  if (parts.includes('..')) throw new UsageError(`refusing to copy ${JSON.stringify(name)}: it leaves the destination`)
  let path = root
  for (const part of parts.slice(0, -1)) {
    path = join(path, part)
    ensureDirectory(path, options)
  }
  return join(path, parts.at(-1) ?? '.')
}

function ensureDirectory(path: string, options: Rooted): void {
  const stats = standing(path)
  if (stats?.isDirectory()) return
  if (stats) clear(path, options)
  mkdirSync(path)
}

function standing(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function clear(path: string, { otherKind, root }: Rooted): void {
  if (otherKind === 'refuse')
    throw new UsageError(
      `copying from container: error creating ${JSON.stringify(join('/', relative(root, path)))}: open: file exists`,
    )
  rmSync(path, { recursive: true })
}

function makeDirectory(path: string, entry: Entry, options: Rooted): [string, Headers] {
  entry.resume()
  ensureDirectory(path, options)
  return [path, entry.header]
}

async function makeFile(path: string, entry: Entry, options: Rooted): Promise<void> {
  const { header } = entry
  const stats = standing(path)
  if (stats?.isDirectory()) clear(path, options)
  else if (stats) rmSync(path)
  if (header.type === 'file' || header.type === 'contiguous-file') return writeFile(path, entry)
  entry.resume()
  if (header.type === 'symlink') symlinkSync(header.linkname ?? '', path)
  else if (header.type === 'link') linkSync(inside(options.root, options.rename(header.linkname ?? ''), options), path)
}

async function writeFile(path: string, entry: Entry): Promise<void> {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    for await (const chunk of entry as AsyncIterable<Uint8Array>)
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
  } finally {
    closeSync(fd)
  }
  finish(path, entry.header)
}

function finish(path: string, { mode, mtime }: Headers): void {
  if (mode !== undefined) chmodSync(path, mode & 0o7777)
  if (mtime) utimesSync(path, mtime, mtime)
}
