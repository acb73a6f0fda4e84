import { readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ImageError } from '../errors.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { fileProblem } from '../files/problem.ts'
import { userId } from '../files/user.ts'
import { shapeProblem } from '../schema/shape.ts'
import type { AccessOptions, Credentials } from '../transports/transport.ts'

/** One credentials file, its unknown parts kept for rewriting (containers-auth.json(5)). */
export interface AuthFile {
  readonly path: string
  readonly auths: Readonly<Record<string, AuthEntry>>
  readonly credHelpers: Readonly<Record<string, string>>
  readonly document: Readonly<Record<string, unknown>>
}

export interface AuthEntry {
  readonly auth?: string
  readonly identitytoken?: string
}

interface AuthPath {
  readonly path: string
  /** `bare`: the whole file is the table of hosts. */
  readonly form: 'json' | 'bare'
  /** `system`: in a directory of the system's that may be closed to this user. */
  readonly place?: 'system'
}

/** The files consulted, in order; only the first is ever written (containers-auth.json(5)). */
export function authFilePaths(access: AccessOptions = {}): readonly AuthPath[] {
  const env = access.env ?? process.env
  const explicit = access.authFile ?? env.REGISTRY_AUTH_FILE
  if (explicit !== undefined && explicit !== '') return [{ path: explicit, form: 'json' }]
  const home = env.HOME ?? homedir()
  const uid = userId(access)
  const runtime = env.XDG_RUNTIME_DIR
  const primary =
    process.platform !== 'linux'
      ? join(home, '.config/containers/auth.json')
      : runtime !== undefined && runtime !== ''
        ? join(runtime, 'containers/auth.json')
        : `/run/containers/${uid}/auth.json`
  return [
    { path: primary, form: 'json', ...(primary.startsWith('/run/containers/') && { place: 'system' as const }) },
    { path: join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'), form: 'json' },
    { path: join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'), form: 'json' },
    { path: join(home, '.dockercfg'), form: 'bare' },
  ]
}

/** A file that does not exist reads as empty. @throws ImageError CREDENTIALS_INVALID */
export async function readAuthFile({ path, form, place }: AuthPath): Promise<AuthFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    if (error.code === 'EACCES' && place === 'system') return ''
    throw new ImageError('CREDENTIALS_INVALID', `reading credentials ${path}: ${fileProblem(error)}`, { cause: error })
  })
  const document = text.trim() === '' ? {} : parse(text, path)
  const problem = shapeProblem(form === 'bare' ? 'isAuths' : 'isAuthFile', document)
  if (problem !== undefined) throw new ImageError('CREDENTIALS_INVALID', `credentials ${path}: ${problem}`)
  const auths = form === 'bare' ? document : document.auths
  return {
    path,
    document,
    auths: (auths ?? {}) as Record<string, AuthEntry>,
    credHelpers: (document.credHelpers ?? {}) as Record<string, string>,
  }
}

function parse(text: string, path: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { ...document }
  } catch {}
  throw new ImageError('CREDENTIALS_INVALID', `${path} is not a JSON object`, {
    hint: 'the text is not shown, for it may hold secrets',
  })
}

/** Rewrites the table of hosts; 0600, at once or not at all. */
export async function writeAuthFile(file: AuthFile, auths: Readonly<Record<string, AuthEntry>>): Promise<void> {
  await makeDirectory(dirname(file.path), { mode: 0o700 })
  const temporary = `${file.path}.${process.pid}.tmp`
  await writeFile(temporary, JSON.stringify({ ...file.document, auths }, undefined, '\t'), { mode: 0o600 })
  await rename(temporary, file.path)
}

/** @throws ImageError CREDENTIALS_INVALID */
export function decodeEntry(entry: AuthEntry, key: string): Credentials | undefined {
  const { auth = '', identitytoken } = entry
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = text.indexOf(':')
  if (auth !== '' && colon < 0) {
    throw new ImageError('CREDENTIALS_INVALID', `credentials of ${key} are not in the form user:password`)
  }
  if (colon < 0 && identitytoken === undefined) return undefined
  const credentials = { username: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) }
  return identitytoken ? { ...credentials, identityToken: identitytoken } : credentials
}

export const encodeEntry = ({ username, password, identityToken }: Credentials): AuthEntry => ({
  auth: Buffer.from(`${username}:${password}`).toString('base64'),
  ...(identityToken !== undefined && { identitytoken: identityToken }),
})
