import { resolve } from 'node:path'
import type { RequestedMount } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'
import { parseBool, splitCsv } from '../cli/values.ts'
import { parseSize } from './size.ts'
import { checkAlternatives, checkDestination, checkIdMap, propagations } from './volumes.ts'

/** Fields of one `--mount`, in the order written. */
type Fields = readonly (readonly [key: string, value: string | undefined])[]

interface Common {
  source?: string
  destination?: string
  subPath?: string
  readonly options: string[]
  readonly directory: string
}

/** `type=…,key=value,…` of `--mount`. Throws UsageError. */
export function parseMount(text: string, directory: string): RequestedMount {
  const fields: Fields = splitCsv(text).map(field => {
    const equals = field.indexOf('=')
    return equals < 0 ? [field, undefined] : [field.slice(0, equals), field.slice(equals + 1)]
  })
  const type = fields.find(([key]) => key === 'type')?.[1] ?? 'volume'
  const kind = kinds[type]
  if (!Object.hasOwn(kinds, type) || !kind) throw new UsageError(`invalid filesystem type ${JSON.stringify(type)}`)
  const others = fields.filter(([key]) => key !== 'type')
  if (fields.length - others.length > 1) throw new UsageError('type: invalid mount option')
  if (type !== 'image' && type !== 'artifact') refuseTwice(others)
  return kind(others, directory)
}

/** Keys of one meaning, and how they are spoken of. */
const once: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['src', 'source'], '"src" option'],
  [['dst', 'dest', 'destination', 'target'], '"dst" option'],
  [['ro', 'readonly', 'rw'], "'readonly', 'ro', or 'rw' mnt.Options"],
  [['noexec', 'exec'], "'noexec' and 'exec' mnt.Options"],
  [['nodev', 'dev'], "'nodev' and 'dev' mnt.Options"],
  [['nosuid', 'suid'], "'nosuid' and 'suid' mnt.Options"],
  [['relabel'], "'relabel' option"],
  [['U', 'chown'], "'U' or 'chown' option"],
  [['idmap'], "'idmap' option"],
]

function refuseTwice(fields: Fields): void {
  const twice = once.find(([keys]) => fields.filter(([key]) => keys.includes(key)).length > 1)
  if (twice) throw new UsageError(`cannot pass ${twice[1]} more than once: must provide an argument for option`)
}

type Kind = (fields: Fields, directory: string) => RequestedMount

const kinds: Readonly<Record<string, Kind>> = {
  bind: (fields, directory) => {
    const mount = read(fields, directory, [bindOption, pathOption])
    checkAlternatives(mount.options)
    return {
      kind: 'bind',
      source: resolve(mount.directory, mount.source || destinationOf(mount, 'volume')),
      destination: destinationOf(mount, 'volume'),
      options: mount.options,
    }
  },
  glob: (fields, directory) => {
    const mount = read(fields, directory, [bindOption, pathOption])
    return {
      kind: 'glob',
      source: globOf(mount),
      destination: mount.destination ?? '',
      options: mount.options,
    }
  },
  volume: (fields, directory) => {
    const driverOptions: Record<string, string> = {}
    const mount = read(fields, directory, [pathOption, subPathOption, volumeOption(driverOptions)])
    const { source, subPath, options } = mount
    checkAlternatives(options)
    return {
      kind: 'volume',
      destination: destinationOf(mount, 'volume'),
      options,
      ...(source ? { name: source } : {}),
      ...(subPath ? { subPath } : {}),
      ...(Object.keys(driverOptions).length > 0 ? { driverOptions } : {}),
    }
  },
  image: (fields, directory) => {
    const mount = read(fields, directory, [subPathOption, readWriteOption])
    if (!mount.source) throw new UsageError('must set source and destination for image volume')
    return {
      kind: 'image',
      image: mount.source,
      destination: destinationOf(mount, 'image'),
      readWrite: mount.options.includes('rw') ? 'yes' : 'no',
      ...(mount.subPath ? { subPath: mount.subPath } : {}),
    }
  },
  tmpfs: (fields, directory) => memory('tmpfs', fields, directory),
  ramfs: (fields, directory) => memory('ramfs', fields, directory),
  devpts: (fields, directory) => {
    const mount = read(withoutSource(fields, 'src: invalid mount option'), directory, [devptsOption])
    return { kind: 'devpts', destination: destinationOf(mount, 'devpts'), options: mount.options }
  },
  artifact: (fields, directory) => {
    const chosen: { digest?: string; title?: string; name?: string } = {}
    const { source, destination } = read(fields, directory, [fileOption(chosen)])
    if (!source || !destination) throw new UsageError('must set source and destination for artifact volume')
    return { kind: 'artifact', artifact: source, destination, ...chosen }
  },
}

function memory(kind: 'tmpfs' | 'ramfs', fields: Fields, directory: string): RequestedMount {
  const refusal = '"src" option not supported for "tmpfs" mount types'
  const mount = read(kind === 'tmpfs' ? withoutSource(fields, refusal) : fields, directory, [memoryOption])
  return { kind, destination: destinationOf(mount, kind), options: mount.options }
}

function withoutSource(fields: Fields, refusal: string): Fields {
  if (fields.some(([key]) => key === 'src' || key === 'source')) throw new UsageError(refusal)
  return fields
}

/** Which of an artifact's files, and what it is called in the container. */
const fileOption =
  (chosen: { digest?: string; title?: string; name?: string }): Reader =>
  (key, value) => {
    if (key !== 'digest' && key !== 'title' && key !== 'name') return false
    chosen[key] = needed(key, value)
    return true
  }

/** Takes a field or leaves it (false). */
type Reader = (key: string, value: string | undefined, mount: Common) => boolean

function read(fields: Fields, directory: string, readers: readonly Reader[]): Common {
  const mount: Common = { options: [], directory }
  for (const [key, value] of fields)
    if (!place(key, value, mount) && !readers.some(reader => reader(key, value, mount)))
      throw new UsageError(`${key}: invalid mount option`)
  return mount
}

function place(key: string, value: string | undefined, mount: Common): boolean {
  if (['src', 'source'].includes(key)) mount.source = needed(key, value)
  else if (['dst', 'dest', 'destination', 'target'].includes(key))
    mount.destination = checkDestination(needed(key, value))
  else if (key === 'consistency') needed(key, value)
  else return false
  return true
}

function needed(key: string, value: string | undefined): string {
  if (!value) throw new UsageError(`${key}: must provide an argument for option`)
  return value
}

/** `key` alone or `key=true` adds `word`; `key=false` adds `otherwise`, when there is one. */
function toggle(mount: Common, value: string | undefined, words: readonly [yes: string, no?: string]): boolean {
  const word = value === undefined || parseBool(value) ? words[0] : words[1]
  if (word) mount.options.push(word)
  return true
}

const flagWords = ['exec', 'noexec', 'dev', 'nodev', 'suid', 'nosuid']

const pathOption: Reader = (key, value, mount) => {
  if (key === 'ro' || key === 'readonly') return toggle(mount, value, ['ro', 'rw'])
  if (key === 'rw') return toggle(mount, value, ['rw', 'ro'])
  if (key === 'U' || key === 'chown') return toggle(mount, value, ['U'])
  if (key === 'idmap')
    return push(
      mount,
      value === undefined || value === 'true' ? 'idmap' : value === 'false' ? '' : checkIdMap(`idmap=${value}`),
    )
  if (key === 'relabel') return push(mount, relabel(value))
  if (key === 'z' || key === 'Z') return toggle(mount, value, [key])
  return flagWords.includes(key) && push(mount, key)
}

function push(mount: Common, option: string): true {
  if (option !== '') mount.options.push(option)
  return true
}

function relabel(value: string | undefined): string {
  if (value === 'shared') return 'z'
  if (value === 'private') return 'Z'
  throw new UsageError("relabel: must be 'private' or 'shared'")
}

const bindOption: Reader = (key, value, mount) => {
  if (key === 'bind-propagation') return push(mount, propagation(needed(key, value)))
  if (key === 'bind-nonrecursive') return toggle(mount, value, ['bind', 'rbind'])
  if (key === 'no-dereference') return push(mount, 'no-dereference')
  return propagations.includes(key) && push(mount, key)
}

function propagation(word: string): string {
  if (propagations.includes(word)) return word
  throw new UsageError(`invalid value ${JSON.stringify(`bind-propagation=${word}`)}`)
}

/** With what the volume is made, when it is not there. */
const volumeOption =
  (driverOptions: Record<string, string>): Reader =>
  (key, value, mount) => {
    if (key !== 'volume-opt') return propagations.includes(key) && push(mount, key)
    const [name = '', ...rest] = (value ?? '').split('=')
    if (name === '' || rest.length === 0) throw new UsageError('cannot parse driver opts: invalid mount option')
    driverOptions[name] = rest.join('=')
    return true
  }

const subPathOption: Reader = (key, value, mount) => {
  if (key !== 'subpath' && key !== 'volume-subpath') return false
  mount.subPath = needed(key, value)
  if (!mount.subPath.startsWith('/'))
    throw new UsageError(`volume subpath ${JSON.stringify(mount.subPath)} must be an absolute path`)
  return true
}

const readWriteOption: Reader = (key, value, mount) => {
  if (key === 'rw' || key === 'readwrite') return toggle(mount, value, ['rw'])
  if (key === 'ro' || key === 'readonly') return toggle(mount, value, ['ro', 'rw'])
  return false
}

const memoryOption: Reader = (key, value, mount) => {
  if (key === 'tmpfs-size' || key === 'size') return push(mount, `size=${sizeText(needed(key, value))}`)
  if (key === 'tmpfs-mode' || key === 'mode') return push(mount, `mode=${needed(key, value)}`)
  if (key === 'tmpcopyup' || key === 'notmpcopyup' || key === 'noswap') return push(mount, key)
  return pathOption(key, value, mount)
}

/** tmpfs takes percentages and its own suffixes; only what it would refuse is refused here. */
function sizeText(text: string): string {
  if (!text.endsWith('%')) parseSize(text)
  return text
}

const devptsOption: Reader = (key, value, mount) =>
  ['uid', 'gid', 'mode', 'max'].includes(key) && push(mount, `${key}=${needed(key, value)}`)

function globOf(mount: Common): string {
  if (!mount.source) throw new UsageError('must set source for glob mount')
  return resolve(mount.directory, mount.source)
}

function destinationOf(mount: Common, kind: string): string {
  if (!mount.destination)
    throw new UsageError(`must set ${kind === 'volume' ? 'volume destination' : `destination for ${kind} mount`}`)
  return mount.destination
}
