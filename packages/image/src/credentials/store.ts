import { ImageError } from '../errors.ts'
import { loadRegistries } from '../registries/load.ts'
import type { AccessOptions, Credentials } from '../transports/transport.ts'
import { type AuthFile, authFilePaths, decodeEntry, encodeEntry, readAuthFile, writeAuthFile } from './auth-file.ts'
import { filesHelper } from './find.ts'
import { getFromHelper, listHelper, runHelper } from './helper.ts'
import { hostKey, keyProblem } from './keys.ts'

async function primaryFile(access: AccessOptions): Promise<AuthFile> {
  const [first] = authFilePaths(access)
  if (first === undefined) throw new ImageError('CREDENTIALS_INVALID', 'no credentials file is known')
  return readAuthFile(first)
}

function check(key: string): void {
  const problem = keyProblem(key)
  if (problem !== undefined) throw new ImageError('CREDENTIALS_INVALID', problem)
}

/** The helper that keeps a key's credentials, when it is not the file itself. */
async function helperOf(key: string, file: AuthFile, access: AccessOptions): Promise<string | undefined> {
  const { credentialHelpers } = await loadRegistries(access)
  const general = credentialHelpers[0]
  if (key.includes('/')) {
    if (credentialHelpers.includes(filesHelper)) return undefined
    throw new ImageError(
      'CREDENTIALS_INVALID',
      `namespaced key ${key} is not supported by credential helper ${general}`,
    )
  }
  const own = Object.hasOwn(file.credHelpers, hostKey(key)) ? file.credHelpers[hostKey(key)] : undefined
  return own ?? (general === filesHelper ? undefined : general)
}

/** Stores credentials under `host[:port][/path]`. @returns where: a file's path, or the helper */
export async function setCredentials(
  key: string,
  credentials: Credentials,
  access: AccessOptions = {},
): Promise<string> {
  check(key)
  const file = await primaryFile(access)
  const helper = await helperOf(key, file, access)
  if (helper === undefined) {
    await writeAuthFile(file, { ...file.auths, [key]: encodeEntry(credentials) })
    return file.path
  }
  const { username, password } = credentials
  await runHelper(helper, 'store', JSON.stringify({ ServerURL: key, Username: username, Secret: password }))
  return `credential helper: ${helper}`
}

/** Forgets a key wherever it is kept: in the primary file, its helpers and the general ones. @throws ImageError CREDENTIALS_UNKNOWN */
export async function removeCredentials(key: string, access: AccessOptions = {}): Promise<void> {
  check(key)
  const file = await primaryFile(access)
  const { credentialHelpers } = await loadRegistries(access)
  const own = Object.hasOwn(file.credHelpers, key) ? [file.credHelpers[key] ?? ''] : []
  const helpers = [...own, ...credentialHelpers.filter(helper => helper !== filesHelper)]
  let known = Object.hasOwn(file.auths, key)
  // Helpers know hosts only.
  for (const helper of key.includes('/') ? [] : helpers) known = (await erase(helper, key)) || known
  if (!known) throw new ImageError('CREDENTIALS_UNKNOWN', `not logged into ${key}`, { subject: key })
  if (!Object.hasOwn(file.auths, key)) return
  const { [key]: _gone, ...rest } = file.auths
  await writeAuthFile(file, rest)
}

/** Whether there was something to erase. */
async function erase(helper: string, key: string): Promise<boolean> {
  if ((await getFromHelper(helper, key)) === undefined) return false
  await runHelper(helper, 'erase', key)
  return true
}

/** Forgets everything the primary file, its helpers and the general ones hold. */
export async function removeAllCredentials(access: AccessOptions = {}): Promise<void> {
  const file = await primaryFile(access)
  for (const [host, helper] of Object.entries(file.credHelpers)) await erase(helper, host)
  const { credentialHelpers } = await loadRegistries(access)
  for (const helper of credentialHelpers.filter(one => one !== filesHelper))
    for (const host of (await listHelper(helper)).keys()) await runHelper(helper, 'erase', host)
  if (Object.keys(file.auths).length > 0) await writeAuthFile(file, {})
}

/** Everything known, by key; an earlier file's word stands. */
export async function listCredentials(access: AccessOptions = {}): Promise<ReadonlyMap<string, Credentials>> {
  const all = new Map<string, Credentials>()
  for (const path of authFilePaths(access)) {
    const file = await readAuthFile(path)
    for (const [key, entry] of Object.entries(file.auths)) {
      const credentials = decodeEntry(entry, key)
      if (credentials !== undefined && !all.has(key)) all.set(key, credentials)
    }
    for (const helper of new Set(Object.values(file.credHelpers))) {
      for (const [server, username] of await listHelper(helper)) {
        if (!all.has(server)) all.set(server, { username, password: '' })
      }
    }
  }
  return all
}
