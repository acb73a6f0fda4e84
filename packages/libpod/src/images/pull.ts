import { channel } from 'node:diagnostics_channel'
import {
  type DockerReference,
  dockerReference,
  familiarReference,
  formatDockerReference,
  listTags,
  parseDockerReference,
  parseImageName,
  type Reference,
  readManifest,
  recordShortNameAlias,
  resolveShortName,
  type ShortNameCandidate,
  withTag,
} from '@libpod/image'
import type { ImageRecord } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { PullEvent, PullOptions } from './images.ts'
import { goArchitecture, imageUnknown, type Located, locateImage, registriesOf } from './lookup.ts'
import { readImageName } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { readConfig, readManifest as readStoredManifest } from './stored-image.ts'
import { storedReference } from './stored-reference.ts'
import { accessOf, idOfManifest, stored, transfer } from './transfer.ts'

type Options = PullOptions & Call<PullEvent>

const localTransports = [
  'containers-storage',
  'dir',
  'docker-archive',
  'docker-daemon',
  'oci',
  'oci-archive',
  'tarball',
]

/**
 * Gets an image by name (short names through registries.conf), from `docker://…` or any other transport; the policy says when
 * what is in the store will do. The ids.
 * @throws LibpodError IMAGE_UNKNOWN, NAME_INVALID; ImageError of the copy
 */
export async function pullImage(rooms: ImageRooms, name: string, options: Options = {}): Promise<readonly string[]> {
  try {
    return await pullNamed(rooms, name, options)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    await rooms.events.write({ type: 'image', status: 'pull-error', name, error: words })
    throw error
  }
}

const pulls = channel('libpod.image.pull')

async function pullNamed(rooms: ImageRooms, name: string, options: Options): Promise<readonly string[]> {
  if (pulls.hasSubscribers) pulls.publish(`Pulling image ${name} (policy: ${options.policy ?? 'always'})`)
  const transport = name.slice(0, Math.max(name.indexOf(':'), 0))
  if (localTransports.includes(transport))
    return pullFrom(rooms, (await storedReference(rooms, name)) ?? parseImageName(name), options)
  const text = name.startsWith('docker://')
    ? formatDockerReference(parseDockerReference(name.slice('docker://'.length)))
    : name
  const wanted = readImageName(text)
  if (wanted.kind === 'id') return [(await pullById(rooms, text, options)).id]
  if (options.tags === 'all') return pullEveryTag(rooms, text, options)
  return [await pullOne(rooms, wanted.text, options)]
}

async function pullById(rooms: ImageRooms, name: string, { policy }: Options): Promise<ImageRecord> {
  if (policy === 'always') {
    throw new LibpodError('SPEC_INVALID', `pull policy is always but image has been referred to by ID (${name})`, {
      subject: name,
    })
  }
  return (await locateImage(rooms, name)).record
}

async function pullEveryTag(rooms: ImageRooms, name: string, options: Options): Promise<readonly string[]> {
  const [candidate] = resolveShortName(name, await registriesOf(rooms), 'no').candidates
  if (!candidate) throw imageUnknown(name)
  const repository = candidate.reference
  const ids: string[] = []
  for (const tag of await listTags(repository, accessOf(rooms, options), options)) {
    ids.push(await pullOne(rooms, formatDockerReference(withTag(repository, tag)), options))
  }
  return ids
}

/** From an archive, directory or daemon: the image keeps the name it has there. */
async function pullFrom(rooms: ImageRooms, from: Reference, options: Options): Promise<readonly string[]> {
  if (options.tags === 'all') {
    throw new LibpodError('SPEC_INVALID', `pulling all tags is not supported for ${from.transport} transport`)
  }
  const { loadFrom } = await import('./load.ts')
  return loadFrom(rooms, from, options)
}

async function pullOne(rooms: ImageRooms, name: string, options: Options): Promise<string> {
  const policy = policyOf(options)
  const local = await localImage(rooms, name, options)
  if (policy === 'never' || (policy === 'missing' && local)) {
    if (local) return local.record.id
    throw imageUnknown(name)
  }
  if (local && /^[0-9a-f]+$/.test(name) && local.record.id.startsWith(name))
    return (await pullById(rooms, name, { policy })).id
  if (!local) await (await rooms.store()).layers.expectWork(2)
  const same = local && !options.platform ? local.resolvedName : name
  try {
    const id = await pullCandidates(rooms, same, { options, newerThan: policy === 'newer' ? local?.record : undefined })
    return id ?? local?.record.id ?? name
  } catch (error) {
    if (local && policy === 'newer' && !options.signal?.aborted) return local.record.id
    throw error
  }
}

/** What is stored under a name may be for another machine than the one asked for: then it is compared with the registry's. */
function policyOf({ policy = 'always', platform }: Options): NonNullable<PullOptions['policy']> {
  return platform && policy === 'missing' ? 'newer' : policy
}

/** The stored image, unless it is damaged: pulling again mends it. */
async function localImage(rooms: ImageRooms, name: string, { platform }: Options): Promise<Located | undefined> {
  const found = await locateImage(rooms, name).catch((error: unknown) => {
    if (error instanceof LibpodError && error.code === 'IMAGE_UNKNOWN') return undefined
    throw error
  })
  return found && (await isWhole(rooms, found.record)) && (await fits(rooms, found.record, platform))
    ? found
    : undefined
}

async function isWhole(rooms: ImageRooms, image: ImageRecord): Promise<boolean> {
  const store = await rooms.store()
  try {
    await Promise.all([readStoredManifest(store, image), readConfig(store, image)])
    for (let id = image.layer; id !== undefined; ) {
      const layer = await store.layers.get(id)
      if (!layer) return false
      id = layer.parent
    }
    return true
  } catch {
    return false
  }
}

async function fits(rooms: ImageRooms, image: ImageRecord, platform: PullOptions['platform']): Promise<boolean> {
  if (!platform) return true
  const { config } = await readConfig(await rooms.store(), image)
  const isVariant = !platform.variant || platform.variant === config.variant
  return (
    (platform.os ?? 'linux') === config.os &&
    (platform.architecture ?? goArchitecture()) === config.architecture &&
    isVariant
  )
}

interface Attempt {
  readonly options: Options
  /** Only an image with another digest is pulled. */
  readonly newerThan: ImageRecord | undefined
}

/** The candidates in turn until one can be pulled; undefined when none is newer than what there is. */
async function pullCandidates(rooms: ImageRooms, name: string, attempt: Attempt): Promise<string | undefined> {
  const { candidates } = resolveShortName(name, await registriesOf(rooms), 'no')
  const { from: by = 'qualified', origin: file = '' } = candidates[0] ?? {}
  if (by !== 'qualified')
    attempt.options.onProgress?.({ type: 'short-name', name: name.replace(/(?:@.*|:[^/:@]*)$/, ''), by, file })
  const errors: unknown[] = []
  for (const candidate of candidates) {
    attempt.options.signal?.throwIfAborted()
    try {
      if (attempt.newerThan && !(await isNewer(rooms, candidate.reference, attempt))) continue
      return await pullCandidate(rooms, candidate, {
        name,
        options: attempt.options,
        many: candidates.length > 1 ? 'yes' : 'no',
      })
    } catch (error) {
      attempt.options.signal?.throwIfAborted()
      errors.push(error)
    }
  }
  if (errors.length > 0) throw pullError(errors)
  return undefined
}

async function isNewer(rooms: ImageRooms, name: DockerReference, { options, newerThan }: Attempt): Promise<boolean> {
  const { digest } = await readManifest(dockerReference(name), {
    access: accessOf(rooms, options),
    ...(options.signal && { signal: options.signal }),
  })
  return !newerThan?.digests.includes(digest)
}

async function pullCandidate(
  rooms: ImageRooms,
  { reference, from }: ShortNameCandidate,
  { name, options, many }: { readonly name: string; readonly options: Options; readonly many: 'yes' | 'no' },
): Promise<string> {
  const source = dockerReference(reference)
  options.onProgress?.({ type: 'source', reference: formatDockerReference(reference) })
  const ends = { from: source, to: await stored(rooms, { name: reference }) }
  const { signal, onProgress } = options
  const result = await transfer(rooms, ends, {
    registry: options,
    ...(options.platform && { platform: options.platform }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  }).catch((cause: unknown) => {
    options.signal?.throwIfAborted()
    const text = `unable to copy from source docker://${familiarReference(reference)}: ${cause instanceof Error ? cause.message : cause}`
    throw new LibpodError('IMAGE_UNAVAILABLE', text, { subject: formatDockerReference(reference), cause })
  })
  if (from === 'search' && many === 'yes') await rememberChoice(name, reference)
  const id = idOfManifest(result) ?? (await locateImage(rooms, formatDockerReference(reference))).record.id
  await warnOfPlatform(rooms, id, options)
  await rooms.events.write({ type: 'image', status: 'pull', id, name })
  return id
}

/** A single image is taken whatever it is for; that it is for another machine than was asked for is told. */
async function warnOfPlatform(rooms: ImageRooms, id: string, { platform, onProgress }: Options): Promise<void> {
  const store = await rooms.store()
  const record = platform && (await store.images.get(id))
  if (!record || (await fits(rooms, record, platform))) return
  const { config } = await readConfig(store, record)
  const found = [config.os, config.architecture, config.variant].filter(Boolean).join('/')
  const wanted = [platform.os ?? 'linux', platform.architecture ?? goArchitecture(), platform.variant]
  const expected = wanted.filter(Boolean).join('/')
  const message = `image platform (${found}) does not match the expected platform (${expected})`
  onProgress?.({ type: 'warning', message })
}

/** Losing the note costs one search next time. */
async function rememberChoice(name: string, reference: DockerReference): Promise<void> {
  const repository = name.replace(/[:@].*$/s, '')
  await recordShortNameAlias(repository, reference).catch(() => undefined)
}

function pullError(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0]
  const lines = errors.map(error => `\n * ${error instanceof Error ? error.message : String(error)}`)
  return new LibpodError('IMAGE_UNAVAILABLE', `${errors.length} errors occurred while pulling:${lines.join('')}`, {
    cause: new AggregateError(errors),
  })
}
