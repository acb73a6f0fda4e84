import {
  MS_DIRSYNC,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_RELATIME,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
} from '@libpod/syscall'

/** Words of `mountopt` that the kernel takes as flags (mount(8)); `true` clears. */
const flagWords: Readonly<Record<string, readonly [flag: number, clears?: 'clears']>> = {
  ro: [MS_RDONLY],
  rw: [MS_RDONLY, 'clears'],
  nosuid: [MS_NOSUID],
  suid: [MS_NOSUID, 'clears'],
  nodev: [MS_NODEV],
  dev: [MS_NODEV, 'clears'],
  noexec: [MS_NOEXEC],
  exec: [MS_NOEXEC, 'clears'],
  sync: [MS_SYNCHRONOUS],
  async: [MS_SYNCHRONOUS, 'clears'],
  mand: [MS_MANDLOCK],
  nomand: [MS_MANDLOCK, 'clears'],
  dirsync: [MS_DIRSYNC],
  noatime: [MS_NOATIME],
  atime: [MS_NOATIME, 'clears'],
  nodiratime: [MS_NODIRATIME],
  diratime: [MS_NODIRATIME, 'clears'],
  relatime: [MS_RELATIME],
  norelatime: [MS_RELATIME, 'clears'],
  strictatime: [MS_STRICTATIME],
  nostrictatime: [MS_STRICTATIME, 'clears'],
  lazytime: [MS_LAZYTIME],
  nolazytime: [MS_LAZYTIME, 'clears'],
  defaults: [0],
}

/** Mount words parted into what the kernel wants as flags and what overlayfs reads itself. */
export function partWords(words: readonly string[]): { readonly flags: number; readonly own: readonly string[] } {
  let flags = 0
  const own: string[] = []
  for (const word of words) {
    const known = Object.hasOwn(flagWords, word) ? flagWords[word] : undefined
    if (known === undefined) own.push(word)
    else flags = known[1] ? flags & ~known[0] : flags | known[0]
  }
  return { flags, own }
}

/** The directories of one overlay mount; without `upper` it is read-only. */
export interface OverlayLayers {
  readonly lowers: readonly string[]
  readonly upper?: string
  readonly work?: string
}

/** Overlayfs's option string (kernel, Documentation/filesystems/overlayfs.rst). */
export function overlayData(layers: OverlayLayers, own: readonly string[], label?: string): string {
  const { lowers, upper, work } = layers
  const parts = [`lowerdir=${lowers.map(escapeLower).join(':')}`]
  if (upper !== undefined && work !== undefined)
    parts.push(`upperdir=${escapeComma(upper)}`, `workdir=${escapeComma(work)}`)
  parts.push(...own)
  if (label) parts.push(`context="${label}"`)
  return parts.join(',')
}

const escapeComma = (path: string): string => path.replace(/[\\,]/g, '\\$&')
const escapeLower = (path: string): string => path.replace(/[\\:,]/g, '\\$&')
