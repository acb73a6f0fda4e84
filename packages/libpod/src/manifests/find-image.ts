import {
  type AccessOptions,
  isImageError,
  parseImageName,
  type Reference,
  readManifest,
  storageReference,
} from '@libpod/image'
import type { Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { tryParse } from '../images/names.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { nameInStore, storedReference } from '../images/stored-reference.ts'

/** How a name that was given to a list is looked for. */
export interface Search {
  readonly access: AccessOptions
  /** What a list of the store stands for. */
  readonly lists: 'instance' | 'list'
  /** What the name is for, in errors. */
  readonly what: string
  readonly signal?: AbortSignal
}

/**
 * What an image name means to a list: with a transport that; without one a registry's image if there is one, else the store's.
 * @throws LibpodError IMAGE_UNKNOWN
 */
export async function findImage(rooms: ImageRooms, name: string, search: Search): Promise<Reference> {
  const named = (await storedReference(rooms, name, { lists: search.lists })) ?? withTransport(name)
  if (named !== undefined) return named
  const remote = parseRemote(name)
  const failure = remote instanceof Error ? remote : await unreachable(remote, search)
  if (failure === undefined && !(remote instanceof Error)) return remote
  try {
    return await nameInStore(rooms, name, { lists: search.lists })
  } catch (cause) {
    const why = `${failure?.message ?? ''}; ${JSON.stringify(name)}: ${cause instanceof Error ? cause.message : cause}`
    throw new LibpodError('IMAGE_UNKNOWN', `locating ${search.what}: ${JSON.stringify(`docker://${name}`)}: ${why}`, {
      subject: name,
      cause,
    })
  }
}

function withTransport(name: string): Reference | undefined {
  try {
    return parseImageName(name)
  } catch (error) {
    if (isImageError(error, 'TRANSPORT_UNKNOWN') || !name.includes(':')) return undefined
    throw error
  }
}

function parseRemote(name: string): Reference | Error {
  try {
    return parseImageName(`docker://${name}`)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function unreachable(reference: Reference, { access, signal }: Search): Promise<Error | undefined> {
  try {
    await readManifest(reference, { access: { ...access, retries: 0 }, ...(signal && { signal }) })
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    return error instanceof Error ? error : new Error(String(error))
  }
}

const inStore = /^containers-storage:(?:\[(?<root>[^\]]*)\])?(?<name>.*?)(?:@(?<id>[0-9a-f]{64}))?$/s

/** The reference that a list keeps for one of its images; one of this very store is read through the store as it is open. */
export function readReference(store: Store, text: string): Reference {
  const { root, name = '', id } = inStore.exec(text)?.groups ?? {}
  const isHere = text.startsWith('containers-storage:') && (root === undefined || rootOf(root) === store.graphRoot)
  if (!isHere) return parseImageName(text)
  const reference = tryParse(name)
  return storageReference(store, { ...(reference && { name: reference }), ...(id !== undefined && { id }) })
}

/** The graph root of `driver@graphroot+runroot:options`. */
const rootOf = (specifier: string): string => /^(?:[^@/]*@)?([^+:]*)/.exec(specifier)?.[1] ?? ''
