import { join } from 'node:path'
import {
  type AccessOptions,
  type CopyEvent,
  type CopyOptions,
  type CopyResult,
  copyImage,
  loadPolicy,
  type Policy,
  type Reference,
  type StoredName,
  storageReference,
} from '@libpod/image'
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
  return {
    partialDir: join(staticDir, 'partial-blobs'),
    ...(registriesConf !== undefined && { registriesConf }),
    ...(registry.authFile !== undefined && { authFile: registry.authFile }),
    ...(registry.credentials !== undefined && { credentials: registry.credentials }),
    ...(registry.certDir !== undefined && { certDir: registry.certDir }),
    ...(registry.tlsVerify !== undefined && { tlsVerify: registry.tlsVerify }),
    ...(registry.retry !== undefined && { retries: registry.retry }),
    ...(registry.retryDelayMs !== undefined && { retryDelay: registry.retryDelayMs }),
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
  return copyImage(ends.from, ends.to, {
    ...rest,
    policy,
    source: access,
    destination: access,
    ...(onProgress && { onProgress: event => report(event, onProgress) }),
  })
}

/** What is in a store was judged when it came in; reading it again needs no leave. */
const trustingStores = (policy: Policy): Policy => ({
  ...policy,
  transports: new Map(policy.transports).set(
    'containers-storage',
    new Map([['', [{ type: 'insecureAcceptAnything' as const }]]]),
  ),
})

function report(event: CopyEvent, tell: (event: PullEvent) => void): void {
  if (event.type === 'source-opened' || event.type === 'instance' || event.type === 'stored') return
  tell(event.type === 'manifest' ? { type: 'manifest', digest: event.digest } : event)
}

/** The id an image gets from its manifest: the hex of its config's digest (interop B1). */
export function idOfManifest({ manifest }: CopyResult): string | undefined {
  const config = objectOf(parseDocument(manifest)?.config)
  return isObject(config) ? /^sha256:([0-9a-f]{64})$/.exec(textOf(config.digest))?.[1] : undefined
}
