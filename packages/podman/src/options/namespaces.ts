import type { NamespaceMode, SecuritySpec, UserNamespaceMode } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { parseIdMap, parseIdMaps } from './id-maps.ts'

type NamespacePart = Pick<SecuritySpec, 'namespaces' | 'idMappings'>
type Namespaces = NonNullable<SecuritySpec['namespaces']>

/** Which kernel namespaces are the container's own, and whose they are otherwise. */
export const namespaces = optionGroup({
  flags: {
    cgroupns: string('cgroup namespace to use'),
    gidmap: strings('GID map to use for the user namespace'),
    ipc: string('IPC namespace to use'),
    pid: string('PID namespace to use'),
    subgidname: string('Name of range listed in /etc/subgid for use in user namespace'),
    subuidname: string('Name of range listed in /etc/subuid for use in user namespace'),
    uidmap: strings('UID map to use for the user namespace'),
    userns: string('User namespace to use'),
    uts: string('UTS namespace to use'),
  },
  toSpec(values, caller): NamespacePart {
    const mapped = values.uidmap.length + values.gidmap.length > 0 || values.subuidname || values.subgidname
    if (values.userns !== undefined && mapped)
      throw new UsageError('--userns and --uidmap/--gidmap/--subuidname/--subgidname are mutually exclusive')
    const user = mapped ? undefined : (values.userns ?? caller.env.PODMAN_USERNS)
    const spaces = defined<{ [K in keyof Namespaces]: Namespaces[K] | undefined }>({
      pid: modeOf(values.pid, 'pid'),
      ipc: values.ipc === undefined || values.ipc === '' ? undefined : ipcMode(values.ipc),
      uts: modeOf(values.uts, 'uts'),
      cgroup: modeOf(values.cgroupns, 'cgroupns'),
      user: user === undefined ? undefined : userMode(user),
    })
    const idMappings = {
      ...parseIdMaps(values.uidmap, values.gidmap),
      ...defined({ subuidName: values.subuidname, subgidName: values.subgidname }),
    }
    return {
      ...(Object.keys(spaces).length > 0 ? { namespaces: spaces as Namespaces } : {}),
      ...(mapped ? { idMappings } : {}),
    }
  },
})

function modeOf(text: string | undefined, name: string): NamespaceMode | undefined {
  return text === undefined || text === '' ? undefined : parseMode(text, name)
}

/** `private`, `host`, `container:ID`, `ns:PATH`. Throws UsageError. */
function parseMode(text: string, name: string): NamespaceMode {
  const [word = '', rest = ''] = text.split(/:(.*)/s, 2)
  if (text === 'private' || text === 'host' || text === 'pod') return { kind: text }
  if (word === 'container' && rest) return { kind: 'container', container: rest }
  if (word === 'ns' && rest) return { kind: 'path', path: rest }
  throw new UsageError(
    `unrecognized --${name} mode ${JSON.stringify(text)} passed: choose private, host, container:ID or ns:PATH`,
  )
}

function ipcMode(text: string): NonNullable<Namespaces['ipc']> {
  return text === 'shareable' || text === 'none' ? { kind: text } : parseMode(text, 'ipc')
}

function userMode(text: string): UserNamespaceMode {
  const [word = '', rest] = text.split(/:(.*)/s, 2)
  if (text === '') return { kind: 'host' }
  if (text === 'nomap') return { kind: 'nomap' }
  if (word === 'keep-id') return { kind: 'keep-id', ...keepIdOptions(rest) }
  if (word === 'auto') return { kind: 'auto', ...autoOptions(rest) }
  return parseMode(text, 'userns')
}

function keepIdOptions(text: string | undefined): { uid?: number; gid?: number; size?: number } {
  const options: { uid?: number; gid?: number; size?: number } = {}
  for (const [key, value] of optionPairs(text, 'keep-id')) {
    if (key !== 'uid' && key !== 'gid' && key !== 'size')
      throw new UsageError(`unknown option specified: ${JSON.stringify(key)}`)
    options[key] = parseId(value)
  }
  return options
}

function autoOptions(text: string | undefined): Omit<Extract<UserNamespaceMode, { kind: 'auto' }>, 'kind'> {
  const pairs = optionPairs(text, 'auto')
  const unknown = pairs.find(([key]) => !['size', 'uidmapping', 'gidmapping'].includes(key))
  if (unknown) throw new UsageError(`unknown option specified: ${JSON.stringify(unknown[0])}`)
  const maps = (name: string) => pairs.filter(([key]) => key === name).map(([, value]) => parseIdMap(value))
  const size = pairs.find(([key]) => key === 'size')
  return defined({
    size: size ? parseId(size[1]) : undefined,
    uidMappings: maps('uidmapping').length > 0 ? maps('uidmapping') : undefined,
    gidMappings: maps('gidmapping').length > 0 ? maps('gidmapping') : undefined,
  })
}

function optionPairs(text: string | undefined, mode: string): [string, string][] {
  return (text ? text.split(',') : []).map(option => {
    const equals = option.indexOf('=')
    if (equals < 1) throw new UsageError(`invalid option specified for userns ${mode}: ${JSON.stringify(option)}`)
    return [option.slice(0, equals), option.slice(equals + 1)]
  })
}

function parseId(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
