import { access, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Digest, digestAlgorithm, digestHex } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { userId } from '../files/user.ts'
import { type DockerReference, formatDockerReference, repositoryScopes } from '../reference/docker-reference.ts'
import type { AccessOptions } from '../transports/transport.ts'

/** What registries.d says of one repository (containers-registries.d(5)). */
export interface Lookaside {
  readonly read: URL
  readonly write: URL
  readonly attachments: 'yes' | 'no'
}

/** One entry of registries.d, for a scope or as the default. */
export interface LookasideScope {
  readonly lookaside?: string
  readonly staging?: string
  readonly attachments?: boolean
}

/** Signatures of one manifest are never more. */
export const maximumSignatures = 128

/** @throws ImageError REGISTRIES_INVALID */
export async function findLookaside(name: DockerReference, access: AccessOptions): Promise<Lookaside> {
  const scopes = await loadLookasideScopes(access)
  const order = [formatDockerReference(name), ...repositoryScopes(name).filter(scope => !scope.startsWith('*.')), '']
  const found = order.flatMap(scope => scopes.get(scope) ?? [])
  const read = found.find(({ lookaside }) => lookaside !== undefined)?.lookaside
  const staging = found.find(scope => scope.staging !== undefined || scope.lookaside !== undefined)
  const fallback = pathToFileURL(defaultDirectory(access)).href
  return {
    read: toUrl(read ?? fallback),
    write: toUrl(staging?.staging ?? staging?.lookaside ?? fallback),
    attachments: found.find(({ attachments }) => attachments !== undefined)?.attachments === true ? 'yes' : 'no',
  }
}

function defaultDirectory(access: AccessOptions): string {
  if (userId(access) === 0) return '/var/lib/containers/sigstore'
  const { env = process.env } = access
  return join(env.HOME ?? homedir(), '.local/share/containers/sigstore')
}

function toUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && ['http:', 'https:', 'file:'].includes(url.protocol)) return url
  throw new ImageError('REGISTRIES_INVALID', `invalid signature storage URL ${JSON.stringify(text)}`)
}

/** Every entry of registries.d by scope, `default-docker` under ''. @throws ImageError REGISTRIES_INVALID */
export async function loadLookasideScopes(access: AccessOptions): Promise<ReadonlyMap<string, LookasideScope>> {
  const scopes = new Map<string, LookasideScope>()
  for (const path of await yamlFiles(access)) {
    for (const [scope, value] of await readYaml(path)) {
      if (scopes.has(scope)) throw invalid(path, `${JSON.stringify(scope)} is defined in two files`)
      scopes.set(scope, value)
    }
  }
  return scopes
}

async function yamlFiles(access: AccessOptions): Promise<readonly string[]> {
  const own = join((access.env ?? process.env).HOME ?? homedir(), '.config/containers/registries.d')
  const candidates = access.registriesDir === undefined ? [own, '/etc/containers/registries.d'] : [access.registriesDir]
  for (const directory of candidates) {
    const names = await readdir(directory).catch(() => undefined)
    if (names !== undefined)
      return names
        .filter(name => name.endsWith('.yaml'))
        .sort()
        .map(name => join(directory, name))
  }
  return []
}

async function readYaml(path: string): Promise<readonly (readonly [string, LookasideScope])[]> {
  const { parse } = await import('yaml')
  const document = readDocument(parse, await readFile(path, 'utf8'), path)
  const general = document['default-docker']
  const scopes = Object.entries((document.docker ?? {}) as Record<string, unknown>)
  const all = general === undefined ? scopes : [['', general] as const, ...scopes]
  return all.map(([scope, value]) => [scope, readScope(value, path)] as const)
}

function readDocument(parse: (text: string) => unknown, text: string, path: string): Record<string, unknown> {
  try {
    return (parse(text) ?? {}) as Record<string, unknown>
  } catch (cause) {
    throw invalid(path, (cause as Error).message)
  }
}

function readScope(value: unknown, path: string): LookasideScope {
  const scope = (value ?? {}) as Record<string, unknown>
  const text = (...keys: readonly string[]): string | undefined => {
    const found = keys.map(key => scope[key]).find(one => one !== undefined && one !== null)
    if (found !== undefined && typeof found !== 'string') throw invalid(path, `${keys[0]} must be a string`)
    return found === '' ? undefined : found
  }
  const lookaside = text('lookaside', 'sigstore')
  const staging = text('lookaside-staging', 'sigstore-staging')
  const attachments = scope['use-sigstore-attachments']
  return {
    ...(lookaside !== undefined && { lookaside }),
    ...(staging !== undefined && { staging }),
    ...(typeof attachments === 'boolean' && { attachments }),
  }
}

const invalid = (path: string, why: string): ImageError =>
  new ImageError('REGISTRIES_INVALID', `invalid ${path}: ${why}`)

/** The address of the nth signature of a manifest, counted from 1. */
export function signatureUrl(base: URL, { path }: DockerReference, digest: Digest, number: number): URL {
  const url = new URL(base)
  const directory = `${path}@${digestAlgorithm(digest)}=${digestHex(digest)}`
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${directory}/signature-${number}`
  return url
}

/** Whose signatures are meant. */
export interface Signed {
  readonly name: DockerReference
  readonly digest: Digest
}

/** Writes signatures into a directory, in place of those that are there; a lookaside on the web cannot be written. */
export async function writeLookaside(base: URL, of: Signed, signatures: readonly Uint8Array[]): Promise<void> {
  for (const [index, bytes] of signatures.entries()) await writeSignature(pathOf(base, of, index + 1), bytes)
  await removeFromLookaside(base, of, signatures.length + 1)
}

/** Removes the signatures of a manifest from number `first` on; those on the web stay. */
export async function removeFromLookaside(base: URL, of: Signed, first = 1): Promise<void> {
  if (base.protocol !== 'file:') return
  for (let number = first; number <= maximumSignatures; number++) {
    try {
      await unlink(pathOf(base, of, number))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
  }
}

/** Adds one signature behind those that are there. */
export async function addToLookaside(base: URL, of: Signed, signature: Uint8Array): Promise<void> {
  for (let number = 1; number <= maximumSignatures; number++) {
    const path = pathOf(base, of, number)
    const isTaken = await access(path).then(
      () => true,
      () => false,
    )
    if (!isTaken) return writeSignature(path, signature)
  }
  throw new ImageError('SIGNING_FAILED', `${of.digest} has ${maximumSignatures} signatures already`)
}

function pathOf(base: URL, { name, digest }: Signed, number: number): string {
  if (base.protocol === 'file:') return fileURLToPath(signatureUrl(base, name, digest, number))
  throw new ImageError(
    'SIGNING_FAILED',
    `writing signatures to ${base.href} is not supported: configure lookaside-staging`,
  )
}

async function writeSignature(path: string, bytes: Uint8Array): Promise<void> {
  await makeDirectory(dirname(path))
  await writeFile(`${path}.tmp`, bytes, { mode: 0o644 })
  await rename(`${path}.tmp`, path)
}
