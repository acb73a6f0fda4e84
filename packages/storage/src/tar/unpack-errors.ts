import { StorageError } from '../errors.ts'
import { cleanPath } from '../rooted/clean-path.ts'
import { type ByteString, shown } from './bytes.ts'
import type { TarEntry } from './entry.ts'
import type { Owner } from './unpack-options.ts'

/** A hard link's target as a path below the root. */
export function linkTarget(entry: TarEntry): ByteString {
  try {
    const target = cleanPath(entry.linkName)
    if (target !== '') return target
  } catch (cause) {
    throw unsafeLink(entry, cause)
  }
  throw unsafeLink(entry)
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}

export const limit = (what: string): StorageError => new StorageError('ARCHIVE_LIMIT', `the layer has ${what}`)

export const duplicate = (entry: TarEntry): StorageError =>
  new StorageError('ARCHIVE_DUPLICATE', `entry ${shown(entry.name)} comes twice`, { subject: entry.name })

export const odd = (entry: TarEntry, what: string): StorageError =>
  new StorageError('ARCHIVE_INVALID', `entry ${shown(entry.name)} ${what}`, { subject: entry.name })

/** The kernel's EINVAL for an id that the user namespace does not map, as Podman's users know it. */
export const unmapped = (entry: TarEntry, { uid, gid }: Owner, cause: unknown): StorageError =>
  new StorageError(
    'IO',
    `potentially insufficient UIDs or GIDs available in user namespace (requested ${uid}:${gid} for ${shown(entry.name)}): Check /etc/subuid and /etc/subgid if configured locally and run "podman system migrate": lchown ${shown(entry.name)}: invalid argument`,
    { subject: entry.name, cause },
  )

const unsafeLink = (entry: TarEntry, cause?: unknown): StorageError => {
  const to = entry.linkName === '' ? '' : ` to ${shown(entry.linkName)}`
  const text = `entry ${shown(entry.name)}${to} leads out of the layer or to nothing in it`
  return new StorageError('ARCHIVE_UNSAFE_LINK', text, { subject: entry.name, cause })
}

/** Every failure names its entry. */
export function explain(error: unknown, entry: TarEntry): unknown {
  if (error instanceof StorageError) return error
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new StorageError('NO_SPACE', `no space left for ${shown(entry.name)}`, { subject: entry.name, cause: error })
  }
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV') || entry.kind === 'hardlink')
    return unsafeLink(entry, error)
  return new StorageError('IO', `unpacking ${shown(entry.name)}: ${String(error)}`, {
    subject: entry.name,
    cause: error,
  })
}
