import { loadRegistries } from '../registries/load.ts'
import type { AccessOptions, Credentials } from '../transports/transport.ts'
import { type AuthFile, authFilePaths, decodeEntry, readAuthFile } from './auth-file.ts'
import { getFromHelper } from './helper.ts'
import { credentialKeys, hostKey } from './keys.ts'

export const filesHelper = 'containers-auth.json'

/** Credentials for a request: the explicit ones, else the stored ones. */
export async function findCredentials(key: string, access: AccessOptions): Promise<Credentials | undefined> {
  if (access.credentials === 'anonymous') return undefined
  return access.credentials ?? getCredentials(key, access)
}

/**
 * Stored credentials of `host[:port][/path]`, the most specific entry first, from the credential helpers that
 * registries.conf names or the files (containers-auth.json(5), containers-registries.conf(5)).
 * @throws ImageError CREDENTIALS_INVALID
 */
export async function getCredentials(key: string, access: AccessOptions = {}): Promise<Credentials | undefined> {
  const { credentialHelpers } = await loadRegistries(access)
  const failures: unknown[] = []
  for (const helper of credentialHelpers) {
    try {
      const found = helper === filesHelper ? await fromFiles(key, access) : await fromHelper(helper, key)
      if (found !== undefined) return found
    } catch (error) {
      failures.push(error)
    }
  }
  // One that fails is only missed when no other one knows.
  if (failures.length > 0) throw failures[0]
  return undefined
}

async function fromHelper(helper: string, key: string): Promise<Credentials | undefined> {
  const keys = credentialKeys(key)
  return getFromHelper(helper, keys.at(-1) ?? key)
}

async function fromFiles(key: string, access: AccessOptions): Promise<Credentials | undefined> {
  for (const path of authFilePaths(access)) {
    const found = await fromFile(await readAuthFile(path), key)
    if (found !== undefined) return found
  }
  return undefined
}

async function fromFile(file: AuthFile, key: string): Promise<Credentials | undefined> {
  const keys = credentialKeys(key)
  const host = keys.at(-1) ?? key
  const helper = Object.hasOwn(file.credHelpers, host) ? file.credHelpers[host] : undefined
  if (helper !== undefined) return getFromHelper(helper, host)
  for (const candidate of keys) {
    const entry = Object.hasOwn(file.auths, candidate) ? file.auths[candidate] : undefined
    if (entry !== undefined) return decodeEntry(entry, candidate)
  }
  const same = Object.keys(file.auths).find(name => isWholeRegistry(name) && hostKey(name) === host)
  return same === undefined ? undefined : decodeEntry(file.auths[same] ?? {}, same)
}

/** Docker's own spellings, such as `https://host/v1/`; a namespaced key speaks only for its namespace. */
const isWholeRegistry = (name: string): boolean =>
  name.includes('://') || !name.includes('/') || /^[^/]+\/v[12]\/?$/.test(name)
