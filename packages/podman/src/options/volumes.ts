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
    return { kind: 'overlay', source: from, destination: target, options: options.filter(one => one !== 'O') }
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

const plain = new Set(
  'rw ro z Z U O copy nocopy dev nodev exec noexec suid nosuid bind rbind shared rshared slave rslave private rprivate unbindable runbindable idmap no-dereference noatime'.split(
    ' ',
  ),
)
const valued = ['idmap=', 'upperdir=', 'workdir=']
const alternatives = [
  ['rw', 'ro'],
  ['z', 'Z'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['copy', 'nocopy'],
  ['bind', 'rbind'],
  ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate', 'unbindable', 'runbindable'],
]

function parseOptions(text: string, whole: string): readonly string[] {
  const options = text.split(',')
  const unknown = options.find(option => !plain.has(option) && !valued.some(prefix => option.startsWith(prefix)))
  if (unknown !== undefined)
    throw new UsageError(`${whole}: invalid option ${JSON.stringify(unknown)}: invalid mount option`)
  for (const words of alternatives) {
    const both = options.filter(option => words.includes(option))
    if (both.length > 1)
      throw new UsageError(
        `invalid options ${JSON.stringify(both.join(', '))}, can only specify 1 '${words.join("', '")}' option`,
      )
  }
  return options
}
