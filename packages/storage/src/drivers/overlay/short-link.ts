import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from '@libpod/syscall'
import { StorageError } from '../../errors.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A new name for `l/`: 26 base32 characters. */
export const randomLink = (): string => Array.from(randomBytes(26), byte => alphabet[byte & 31]).join('')

/** The layers a parent brings, nearest first, as the `lower` file has them. */
export function lowerOf(parentLink: string, parentLower: string): string {
  return [`l/${parentLink}`, ...splitLower(parentLower)].join(':')
}

export const splitLower = (lower: string): string[] => lower.trim().split(':').filter(Boolean)

/** The name by which layers know the one that they all stand on; undefined when none of them has files. */
export function linkBelow(homes: readonly string[], children: readonly string[]): string | undefined {
  const lowers = children.flatMap(id => homes.map(home => splitLower(readText(join(home, id, 'lower')))[0] ?? ''))
  return lowers.find(isLower)?.slice(2)
}

/** Whether the layer's own name leads to its files. */
export function isLinked(directory: string): boolean {
  const link = readText(join(directory, 'link')).trim()
  const path = join(dirname(directory), 'l', link)
  const stat = isLower(`l/${link}`) ? lstatSync(path, { throwIfNoEntry: false }) : undefined
  return stat?.isSymbolicLink() === true && readlinkSync(path) === join('..', basename(directory), 'diff')
}

/** Gives the layer a name. First within: whoever removes the directory after a crash finds the other's name in it. */
export function makeLink(directory: string, link: string): void {
  const links = join(dirname(directory), 'l')
  writeFileSync(join(directory, 'link'), link, { mode: 0o644 })
  mkdirSync(links, { recursive: true, mode: 0o700 })
  rmSync(join(links, link), { force: true })
  symlinkSync(join('..', basename(directory), 'diff'), join(links, link))
}

const isLower = (lower: string): boolean => /^l\/[A-Z2-7]{26}$/.test(lower)

/** A small file's text, '' when there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/**
 * The absolute path behind `l/X`, found in the first home that has it. A link that was lost is made again from the
 * layer that claims it.
 * @throws StorageError LAYER_DAMAGED when no home knows it
 */
export function resolveLower(lower: string, homes: readonly string[]): string {
  if (!isLower(lower)) throw damaged(lower)
  const home = homes.find(each => existsSync(join(each, lower))) ?? homes.find(each => relink(each, lower.slice(2)))
  if (home === undefined) throw damaged(lower)
  return join(home, lower)
}

function damaged(lower: string): StorageError {
  const hint = 'pull the image again, or run repairStore'
  return new StorageError('LAYER_DAMAGED', `no layer owns ${JSON.stringify(lower)}`, { subject: lower, hint })
}

/** Whether some layer below `home` has this link name; its link is then made again. */
function relink(home: string, link: string): boolean {
  const owner = directories(home).find(id => readText(join(home, id, 'link')).trim() === link)
  if (owner === undefined || !existsSync(join(home, owner, 'diff'))) return false
  const path = join(home, 'l', link)
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync(join('..', owner, 'diff'), path)
  return existsSync(path)
}

function directories(home: string): readonly string[] {
  if (!existsSync(home)) return []
  return readdirSync(home, { withFileTypes: true })
    .filter(each => each.isDirectory())
    .map(each => each.name)
}
