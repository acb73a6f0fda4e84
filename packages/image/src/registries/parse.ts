import { ImageError } from '../errors.ts'
import { isShortName, parseDockerReference, repositoryName } from '../reference/docker-reference.ts'
import type { Mirror, RegistryTable } from './registries.ts'

/** One file of registries.conf as it stands; what is absent leaves an earlier file's word alone. */
export interface RegistriesFile {
  readonly path: string
  readonly version: 1 | 2
  readonly unqualifiedSearch?: readonly string[]
  readonly credentialHelpers?: readonly string[]
  readonly shortNameMode?: 'enforcing' | 'permissive' | 'disabled'
  readonly tables: readonly RegistryTable[]
  readonly aliases: ReadonlyMap<string, string>
}

type Table = Readonly<Record<string, unknown>>

/**
 * Reads the TOML of one file, already parsed. Unknown keys are let be, wrong types are not.
 * @throws ImageError REGISTRIES_INVALID
 */
export function readRegistriesFile(document: Table, path: string): RegistriesFile {
  const fail = failure(path)
  const v1 = table(document.registries, fail)
  const hasV2 = ['unqualified-search-registries', 'registry', 'aliases'].some(key => document[key] !== undefined)
  if (v1 !== undefined && hasV2) throw fail('mixing sysregistry v1/v2 is not supported')
  if (v1 !== undefined) return readVersion1(v1, path)
  const search = strings(document['unqualified-search-registries'], fail)
  const helpers = strings(document['credential-helpers'], fail)
  const mode = document['short-name-mode']
  const tables = array(document.registry, fail).map(item => readTable(item, fail))
  refuseContradictions(tables, fail)
  return {
    path,
    version: 2,
    tables: tables.filter((one, at) => tables.findIndex(({ prefix }) => prefix === one.prefix) === at),
    aliases: readAliases(table(document.aliases, fail) ?? {}, fail),
    ...(search && { unqualifiedSearch: search.map(host => checkHost(host, fail)) }),
    ...(helpers && { credentialHelpers: helpers }),
    ...(mode !== undefined && mode !== '' && { shortNameMode: readMode(mode, fail) }),
  }
}

/** Tables of one place may not disagree about how safe it is; of one prefix only the first counts. */
function refuseContradictions(tables: readonly RegistryTable[], fail: Fail): void {
  for (const group of Map.groupBy(tables, ({ location, prefix }) => location || prefix)) {
    const [place, [first, ...others]] = group
    for (const key of ['insecure', 'blocked'] as const)
      if (others.some(other => other[key] !== first?.[key]))
        throw fail(`registry '${place}' is defined multiple times with conflicting '${key}' setting`)
  }
}

type Fail = (why: string) => ImageError

const failure =
  (path: string): Fail =>
  why =>
    new ImageError('REGISTRIES_INVALID', `loading registries configuration ${JSON.stringify(path)}: ${why}`)

function readMode(mode: unknown, fail: Fail): 'enforcing' | 'permissive' | 'disabled' {
  if (mode === 'enforcing' || mode === 'permissive' || mode === 'disabled') return mode
  throw fail(`invalid short-name mode: ${JSON.stringify(mode)}`)
}

function readTable(item: Table, fail: Fail): RegistryTable {
  const location = trim(text(item.location, fail))
  const prefix = trim(text(item.prefix, fail)) || location
  if (prefix === '') throw fail('invalid condition: both location and prefix are unset')
  if (location === '' && !prefix.startsWith('*.')) {
    throw fail('invalid condition: location is unset and prefix is not in the format: *.example.com')
  }
  for (const place of [location, prefix]) checkLocation(place, fail)
  if (prefix.startsWith('*.') && /[/@:]/.test(prefix))
    throw fail(
      `Wildcarded prefix should be in the format: *.example.com. Current prefix ${JSON.stringify(prefix)} is incorrectly formatted`,
    )
  if (item['pull-from-mirror'] !== undefined && item['pull-from-mirror'] !== '')
    throw fail(`pull-from-mirror must not be set for a non-mirror registry ${JSON.stringify(prefix)}`)
  const byDigest = flag(item['mirror-by-digest-only'], fail)
  const mirrors = array(item.mirror, fail).map(mirror => readMirror(mirror, byDigest, fail))
  return {
    prefix,
    location,
    insecure: flag(item.insecure, fail),
    blocked: flag(item.blocked, fail),
    mirrorByDigestOnly: byDigest,
    mirrors,
  }
}

function readMirror(item: Table, byDigest: 'yes' | 'no', fail: Fail): Mirror {
  const location = trim(text(item.location, fail))
  checkLocation(location, fail)
  if (location === '') throw fail('invalid condition: mirror location is unset')
  const pull = text(item['pull-from-mirror'], fail)
  if (pull !== '' && byDigest === 'yes') {
    throw fail('cannot set mirror usage mirror-by-digest-only for the registry and pull-from-mirror for per-mirror')
  }
  const mode = pull || (byDigest === 'yes' ? 'digest-only' : 'all')
  if (mode !== 'all' && mode !== 'digest-only' && mode !== 'tag-only') {
    throw fail(`unsupported pull-from-mirror value ${JSON.stringify(pull)} for mirror ${JSON.stringify(location)}`)
  }
  return { location, insecure: flag(item.insecure, fail), pullFromMirror: mode }
}

function readAliases(aliases: Table, fail: Fail): Map<string, string> {
  const result = new Map<string, string>()
  for (const [name, value] of Object.entries(aliases)) {
    const target = text(value, fail)
    result.set(name, target === '' ? '' : checkAlias(name, target, fail))
  }
  return result
}

function checkAlias(name: string, target: string, fail: Fail): string {
  if (!isShortName(name) || /[:@]/.test(name)) throw fail(`invalid alias ${JSON.stringify(name)}: it is no short name`)
  try {
    const reference = parseDockerReference(target)
    if (reference.tag !== undefined || reference.digest !== undefined) throw new Error('it has a tag or digest')
    if (!target.includes('/')) throw new Error('it is not fully qualified')
    return repositoryName(reference)
  } catch (cause) {
    throw fail(`invalid alias ${JSON.stringify(name)}: ${(cause as Error).message}`)
  }
}

function readVersion1(v1: Table, path: string): RegistriesFile {
  const fail = failure(path)
  const list = (key: string): readonly string[] =>
    (strings(table(v1[key], fail)?.registries, fail) ?? []).map(host => checkHost(host, fail))
  const insecure = new Set(list('insecure'))
  const blocked = new Set(list('block'))
  const tables = [...new Set([...insecure, ...blocked])].map(host => ({
    prefix: host,
    location: host,
    insecure: insecure.has(host) ? ('yes' as const) : ('no' as const),
    blocked: blocked.has(host) ? ('yes' as const) : ('no' as const),
    mirrorByDigestOnly: 'no' as const,
    mirrors: [],
  }))
  return { path, version: 1, tables, aliases: new Map(), unqualifiedSearch: list('search') }
}

function checkLocation(location: string, fail: Fail): void {
  if (/^https?:\/\//.test(location)) throw fail(`invalid location '${location}': URI schemes are not supported`)
  if (location.includes(' ')) throw fail(`invalid location: ${location}`)
}

function checkHost(host: string, fail: Fail): string {
  checkLocation(host, fail)
  const registry = trim(host)
  try {
    if (parseDockerReference(`${registry}/a`).domain === registry) return registry
  } catch {}
  throw fail(`Invalid unqualified-search-registries entry ${JSON.stringify(registry)}`)
}

const trim = (location: string): string => location.replace(/\/+$/, '')

function text(value: unknown, fail: Fail): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw fail(`expected a string, found ${JSON.stringify(value)}`)
  return value
}

function flag(value: unknown, fail: Fail): 'yes' | 'no' {
  if (value !== undefined && typeof value !== 'boolean')
    throw fail(`expected true or false, found ${JSON.stringify(value)}`)
  return value === true ? 'yes' : 'no'
}

function strings(value: unknown, fail: Fail): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw fail(`expected an array, found ${JSON.stringify(value)}`)
  return value.map(item => text(item, fail))
}

function table(value: unknown, fail: Fail): Table | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('expected a table')
  return value as Table
}

function array(value: unknown, fail: Fail): readonly Table[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw fail('expected an array of tables')
  return value.map(item => table(item, fail) ?? {})
}
