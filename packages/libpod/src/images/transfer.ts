import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AccessOptions,
  type CopyEvent,
  type CopyOptions,
  type CopyResult,
  copyImage,
  loadPolicy,
  mediaTypes,
  type Policy,
  type Reference,
  type StoredName,
  storageReference,
} from '@libpod/image'
import { goDuration } from '../filters/values.ts'
import type { Call } from '../spec/call.ts'
import { isObject, objectOf, parseDocument, textOf } from './document.ts'
import type { PullEvent, RegistryOptions } from './images.ts'
import type { ImageRooms } from './rooms.ts'

/** What a copy into or out of the store may be told beside its two ends. */
export interface Transfer extends Omit<CopyOptions, 'policy' | 'signal' | 'onProgress' | 'source' | 'destination'> {
  readonly registry?: RegistryOptions
}

/** How registries are reached; half-done downloads are kept below the static directory, to be resumed. */
export function accessOf(rooms: ImageRooms, registry: RegistryOptions = {}): AccessOptions {
  const { registriesConf, staticDir } = rooms.options
  const { retry, delay } = patienceOf(rooms, registry)
  return {
    partialDir: join(staticDir, 'partial-blobs'),
    ...(registriesConf !== undefined && { registriesConf }),
    ...(registry.authFile !== undefined && { authFile: registry.authFile }),
    ...(registry.credentials !== undefined && { credentials: registry.credentials }),
    ...(registry.certDir !== undefined && { certDir: registry.certDir }),
    ...(registry.tlsVerify !== undefined && { tlsVerify: registry.tlsVerify }),
    ...(retry !== undefined && { retries: retry }),
    ...(delay !== undefined && { retryDelay: delay }),
  }
}

/** A place in the store, opened already. */
export async function stored(rooms: ImageRooms, name: StoredName): Promise<Reference> {
  return storageReference(await rooms.store(), name)
}

/** Copies with the policy in force, telling the engine's events. */
export async function transfer(
  rooms: ImageRooms,
  ends: { readonly from: Reference; readonly to: Reference },
  options: Transfer & Call<PullEvent> = {},
): Promise<CopyResult> {
  const { registry, onProgress, ...rest } = options
  const access = accessOf(rooms, registry)
  const policy = trustingStores(await loadPolicy(registry?.signaturePolicy))
  const copy = () =>
    copyImage(ends.from, ends.to, {
      blobInfoCache: join(rooms.options.staticDir, 'blob-info-cache-v1.sqlite'),
      ...rest,
      policy,
      source: access,
      destination: access,
      ...(onProgress && { onProgress: event => report(event, onProgress) }),
    })
  const { signal } = options
  return untilReached(copy, {
    ...patienceOf(rooms, registry),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  })
}

interface Patience extends Call<PullEvent> {
  /** Unset: a registry that is not there is not waited for. */
  readonly retry?: number | undefined
  /** The same pause each time, in milliseconds; unset: one second, doubled each time. */
  readonly delay?: number | undefined
}

function patienceOf({ options }: ImageRooms, { retry, retryDelayMs }: RegistryOptions = {}): Patience {
  const delay = retryDelayMs ?? (options.retryDelay === undefined ? undefined : goDuration(options.retryDelay))
  return { retry: retry ?? options.retry, delay }
}

/** Tries again when nobody listens at the registry's address, as often as was asked for. */
async function untilReached<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { retry = 0, delay, signal, onProgress } = patience
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (attempt > retry || !isConnectionRefused(error)) throw error
      const delayMs = delay ?? 1000 * 2 ** (attempt - 1)
      onProgress?.({ type: 'retry', error: (error as Error).message, attempt, of: retry, delayMs })
      await sleep(delayMs, undefined, signal && { signal })
    }
  }
}

function isConnectionRefused(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === 'ECONNREFUSED') return true
  }
  return false
}

/** What is in a store was judged when it came in; reading it again needs no leave. */
const trustingStores = (policy: Policy): Policy => ({
  ...policy,
  transports: new Map(policy.transports).set(
    'containers-storage',
    new Map([['', [{ type: 'insecureAcceptAnything' as const }]]]),
  ),
})

const subjectOf = (manifestType: string): 'image' | 'list' =>
  manifestType === mediaTypes.ociIndex || manifestType === mediaTypes.dockerList ? 'list' : 'image'

function report(event: CopyEvent, tell: (event: PullEvent) => void): void {
  if (event.type === 'source-opened' || event.type === 'stored') return
  if (event.type === 'manifest') tell({ type: 'manifest', digest: event.digest, of: subjectOf(event.manifestType) })
  else tell(event)
}

/** The id an image gets from its manifest: the hex of its config's digest. */
export function idOfManifest({ manifest }: CopyResult): string | undefined {
  const config = objectOf(parseDocument(manifest)?.config)
  return isObject(config) ? /^sha256:([0-9a-f]{64})$/.exec(textOf(config.digest))?.[1] : undefined
}
