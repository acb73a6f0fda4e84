import { resolve } from 'node:path'
import type { RequestedMount } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

/** `[name|/host/dir:]/container/dir[:options]` of `-v`; `directory` is where relative sources start. Throws UsageError. */
export function parseVolume(text: string, directory: string): RequestedMount {
  const parts = splitVolume(text)
  const [source, destination, optionText] = parts.length === 1 ? [undefined, parts[0] ?? '', undefined] : parts
  if (parts.length > 3)
    throw new UsageError(
      `incorrect volume format, should be [host-dir|named-volume:]container-dir[:options]: ${JSON.stringify(text)}: invalid argument`,
    )
  if (source === '') throw new UsageError('host directory cannot be empty')
  const target = checkDestination(destination ?? '')
  const options = optionText === undefined || optionText === '' ? [] : parseOptions(optionText, text)
  if (source === undefined) return { kind: 'volume', destination: target, options }
  const overlay = options.includes('O')
  const isPath = source.startsWith('/') || source.startsWith('.')
  const from = isPath ? resolve(directory, source) : source
  if (overlay)
    return {
      kind: 'overlay',
      source: from,
      destination: target,
      options: overlayOptions(options, isPath ? 'path' : 'name'),
    }
  return isPath
    ? { kind: 'bind', source: from, destination: target, options }
    : { kind: 'volume', name: checkName(from), destination: target, options }
}

/** Splits at colons; `\:` is a colon of the path. */
function splitVolume(text: string): string[] {
  return text.split(/(?<!\\):/).map(part => part.replaceAll('\\:', ':'))
}

export function checkDestination(path: string): string {
  if (path === '') throw new UsageError('container directory cannot be empty')
  if (!path.startsWith('/'))
    throw new UsageError(`invalid container path ${JSON.stringify(path)}, must be an absolute path`)
  return resolve(path)
}

function checkName(name: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw new UsageError(`running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`)
  return name
}

export const propagations: readonly string[] =
  'shared slave private unbindable rshared rslave runbindable rprivate'.split(' ')

const plain = new Set([
  ...'rw ro z Z U O copy nocopy dev nodev exec noexec suid nosuid bind rbind idmap no-dereference'.split(' '),
  ...propagations,
])
const valued = ['idmap=', 'upperdir=', 'workdir=']
/** Words of which one is enough, and how they are spoken of. */
const alternatives: readonly (readonly [words: readonly string[], what: string])[] = [
  [['rw', 'ro'], "'rw' or 'ro'"],
  [['z', 'Z', 'O'], "'z', 'Z', or 'O'"],
  [['dev', 'nodev'], "'dev' or 'nodev'"],
  [['exec', 'noexec'], "'exec' or 'noexec'"],
  [['suid', 'nosuid'], "'suid' or 'nosuid'"],
  [['copy', 'nocopy'], "'copy' or 'nocopy'"],
  [['bind', 'rbind'], "'[r]bind'"],
  [propagations, "'[r]shared', '[r]private', '[r]slave' or '[r]unbindable'"],
  [['no-dereference'], "'no-dereference'"],
]

function parseOptions(text: string, whole: string): readonly string[] {
  const options = text.split(',')
  const unknown = options.find(option => !plain.has(option) && !valued.some(prefix => option.startsWith(prefix)))
  if (unknown !== undefined)
    throw new UsageError(`${whole}: invalid option ${JSON.stringify(unknown)}: invalid mount option`)
  checkAlternatives(options)
  for (const option of options) if (option.startsWith('idmap=')) checkIdMap(option)
  return options
}

/** Throws UsageError when of words that exclude each other two are given. */
export function checkAlternatives(options: readonly string[]): void {
  for (const [words, what] of alternatives) {
    const both = options.filter(option => words.includes(option))
    if (both.length > 1)
      throw new UsageError(`invalid options ${JSON.stringify(both.join(', '))}, can only specify 1 ${what} option`)
  }
}

/** `idmap=uids=…;gids=…` of id-mapped mounts. Throws UsageError. */
export function checkIdMap(option: string): string {
  const unknown = option
    .slice('idmap='.length)
    .split(';')
    .find(part => !/^[ug]ids=/.test(part))
  if (unknown !== undefined) throw new UsageError(`unknown option ${JSON.stringify(unknown)}`)
  return option
}

/** What a temporary layer over a directory of the host may have besides. Throws UsageError. */
function overlayOptions(options: readonly string[], kind: 'path' | 'name'): readonly string[] {
  const others = options.filter(option => option !== 'O')
  const places = ['upperdir=', 'workdir='].filter(prefix => others.some(option => option.startsWith(prefix)))
  if (kind === 'path' && others.some(option => option !== 'U' && !/^(?:upper|work)dir=/.test(option)))
    throw new UsageError("can't use 'O' with other options")
  if (places.length === 1) throw new UsageError('must specify both upperdir and workdir')
  return others
}
