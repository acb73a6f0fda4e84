import { lstatSync, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LibpodError } from '../errors.ts'

/**
 * The directory of a plain user's runtime files: XDG_RUNTIME_DIR, else /run/user/UID, else one of the user's own among the
 * temporary files, which is made. Never one that anybody else can write to.
 * @throws LibpodError ROOTLESS_UNAVAILABLE
 */
export function runtimeDirectoryOf(uid: number, env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_RUNTIME_DIR) return checked(env.XDG_RUNTIME_DIR, uid)
  const login = `/run/user/${uid}`
  if (isOwn(lstatSync(login, { throwIfNoEntry: false }), uid)) return login
  const own = join(tmpdir(), `storage-run-${uid}`)
  mkdirSync(own, { recursive: true, mode: 0o700 })
  if (isOwn(lstatSync(own), uid)) return own
  throw unusable(`path ${JSON.stringify(own)} exists and it is not writeable only by the current user`, own)
}

/**
 * Finds a plain user's runtime directory and tells it, by XDG_RUNTIME_DIR, everything in this process that looks for it, and whatever
 * this process starts. @throws LibpodError ROOTLESS_UNAVAILABLE
 */
export function settleRuntimeDirectory(): string {
  const directory = runtimeDirectoryOf(process.geteuid?.() ?? 0)
  process.env.XDG_RUNTIME_DIR = directory
  return directory
}

function checked(path: string, uid: number): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (isOwn(found, uid)) return path
  throw unusable(`XDG_RUNTIME_DIR directory ${JSON.stringify(path)} ${problemOf(found, uid)}`, path)
}

function problemOf(found: Found | undefined, uid: number): string {
  if (found === undefined) return 'does not exist'
  if (Number(found.uid) !== uid) return 'is not owned by the current user'
  return 'is not a directory that only the current user can write to'
}

const unusable = (message: string, subject: string) => new LibpodError('ROOTLESS_UNAVAILABLE', message, { subject })

type Found = ReturnType<typeof lstatSync>

function isOwn(found: Found | undefined, uid: number): boolean {
  return found?.isDirectory() === true && Number(found.uid) === uid && (Number(found.mode) & 0o722) === 0o700
}
