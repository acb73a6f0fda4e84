import { isDigest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import {
  type DockerReference,
  formatDockerReference,
  parseDockerReference,
  repositoryName,
  repositoryScopes,
  withDefaultTag,
} from '../../reference/docker-reference.ts'
import { explaining } from '../../reference/explaining.ts'
import type { AccessOptions, Reference, Transport } from '../transport.ts'
import type { StorePort } from './store-port.ts'

/** What a bracket before a name says: `[driver@graphroot+runroot:option=value,…]`. */
export interface StoreSpecifier {
  readonly driver?: string
  readonly graphRoot?: string
  readonly runRoot?: string
  readonly options: readonly string[]
}

/** An image of a store: by name, by id, or by name with the id it must have. */
export interface StoredName {
  readonly name?: DockerReference
  readonly id?: string
  /** What the name is as well: perhaps the beginning of an image's id, which it then means. */
  readonly prefix?: string
}

/** Images in a containers/storage store (containers-transports(5), containers-storage). */
export const containersStorage: Transport = {
  name: 'containers-storage',
  parse(text) {
    const { specifier, rest } = readBracket(text)
    const named = readName(rest, text)
    return makeReference(named, { text, root: rootText(specifier), open: access => openStore(specifier, access) })
  },
}

/** The image of a store that is open already; closing the source or destination leaves the store open. */
export function storageReference(store: StorePort, named: StoredName): Reference {
  const root = { full: `[${store.driverName}@${store.graphRoot}]`, bare: `[${store.graphRoot}]` }
  const text = root.full.replace(/\]$/, `+${store.runRoot}]`) + textOf(named)
  return makeReference(named, { text, root, open: async () => ({ store, close: async () => undefined }) })
}

export interface OpenedStore {
  readonly store: StorePort
  close(): Promise<void>
}

interface Where {
  readonly text: string
  readonly root: { readonly full: string; readonly bare: string }
  open(access: AccessOptions): Promise<OpenedStore>
}

function makeReference(named: StoredName, where: Where): Reference {
  return {
    transport: containersStorage.name,
    text: where.text,
    ...(named.name !== undefined && { dockerReference: named.name }),
    policyScopes: scopes(named, where.root),
    openSource: async access => (await import('./source.ts')).openSource(await where.open(access), named),
    openDestination: async access =>
      (await import('./destination.ts')).openDestination(await where.open(access), named),
    delete: async access => (await import('./source.ts')).deleteStored(await where.open(access), named),
  }
}

const textOf = ({ name, id }: StoredName): string =>
  (name === undefined ? '' : formatDockerReference(name)) + (id === undefined ? '' : `@${id}`)

function scopes(named: StoredName, { full, bare }: Where['root']): string[] {
  const { name, id } = named
  const names = name === undefined ? [] : [formatDockerReference(name), ...withoutDigest(name)]
  const parents = name === undefined ? [] : repositoryScopes(name).filter(scope => !scope.startsWith('*.'))
  const all = [textOf(named), ...(id === undefined ? [] : names), ...withoutDigest(name), ...parents].map(
    scope => full + scope,
  )
  return [...new Set([...all, full, bare])]
}

const withoutDigest = (name: DockerReference | undefined): string[] =>
  name?.tag === undefined ? [] : [`${repositoryName(name)}:${name.tag}`]

function readBracket(text: string): { specifier: StoreSpecifier; rest: string } {
  if (!text.startsWith('[')) return { specifier: { options: [] }, rest: text }
  const end = text.indexOf(']')
  const inside = text.slice(1, end)
  if (end < 1) throw invalid('invalid reference', text)
  return { specifier: readSpecifier(inside, text), rest: text.slice(end + 1) }
}

function readSpecifier(inside: string, text: string): StoreSpecifier {
  const [driver, where] = inside.includes('@') ? cut(inside, '@') : [undefined, inside]
  if (driver === '' || where === '') throw invalid('invalid reference', text)
  const [paths, options] = cut(where, ':')
  const [graphRoot, runRoot] = cut(paths, '+')
  for (const path of [graphRoot, runRoot])
    if (path !== '' && !path.startsWith('/')) throw invalid('path name is not absolute', text)
  return {
    ...(driver !== undefined && { driver }),
    ...(graphRoot !== '' && { graphRoot }),
    ...(runRoot !== '' && { runRoot }),
    options: options === '' ? [] : options.split(','),
  }
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)]
}

/** `name`, `name@id`, `@id`, a bare 64-digit id; a three-digit prefix of an id will do after an @. */
function readName(rest: string, text: string): StoredName {
  if (rest === '') throw invalid('"" is an empty reference: invalid reference', text)
  if (/^@?[0-9a-f]{64}$/.test(rest)) return { id: rest.replace('@', '') }
  const at = rest.lastIndexOf('@')
  const tail = at < 0 ? undefined : rest.slice(at + 1)
  if (tail === '') throw invalid(`empty trailing digest or ID in ${JSON.stringify(rest)}: invalid reference`, text)
  const id = tail === undefined || isDigest(tail) ? undefined : tail
  if (id !== undefined && !/^[0-9a-f]{3,64}$/.test(id))
    throw invalid(`${JSON.stringify(id)} does not look like an image ID or digest: invalid reference`, text)
  const name = id === undefined ? rest : rest.slice(0, at)
  return {
    ...(name !== '' && { name: readDockerName(name) }),
    ...(id !== undefined && { id }),
    ...(/^[0-9a-f]{3,63}$/.test(rest) && { prefix: rest }),
  }
}

const readDockerName = (name: string): DockerReference =>
  withDefaultTag(explaining(`parsing named reference ${JSON.stringify(name)}`, () => parseDockerReference(name)))

const invalid = (why: string, subject: string): ImageError => new ImageError('REFERENCE_INVALID', why, { subject })

function rootText({ driver = '', graphRoot = '' }: StoreSpecifier): Where['root'] {
  return { full: `[${driver === '' ? '' : `${driver}@`}${graphRoot}]`, bare: `[${graphRoot}]` }
}

interface StorageModule {
  loadStoreOptions(overrides: object, env?: AccessOptions['env']): Promise<unknown> | unknown
  openStore(options: unknown): Promise<StorePort>
}

/** Loads @libpod/storage, which needs Linux and native calls, only now. */
async function openStore(specifier: StoreSpecifier, access: AccessOptions): Promise<OpenedStore> {
  const name = '@libpod/storage'
  const storage = (await import(name).catch((cause: unknown) => {
    throw new ImageError('TRANSPORT_UNKNOWN', 'the containers-storage transport needs the package @libpod/storage', {
      cause,
    })
  })) as StorageModule
  const { options, ...where } = specifier
  const overrides = { ...where, ...(options.length > 0 && { driverOptions: options }) }
  const store = await storage.openStore(await storage.loadStoreOptions(overrides, access.env))
  return { store, close: () => Promise.resolve(store[Symbol.asyncDispose]()) }
}
