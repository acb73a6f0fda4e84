import { chmod, mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { removeTree } from '@libpod/storage'
import { unmountBelow } from '../host/mounts.ts'
import { outerUser } from '../rootless/outer-user.ts'
import { buildPrefix, markLiving, sweepAbandoned } from './abandoned.ts'

/** Where Buildah keeps temporary files, and what `RUN --mount=type=cache` keeps for later builds. */
const sharedDirectory = (): string => resolve(process.env.TMPDIR || '/var/tmp')

/** The directories of caches; the user's id is in the name since 1.30. */
export const cacheDirectories = (parent = sharedDirectory()): readonly string[] =>
  ['buildah-cache', `buildah-cache-${outerUser().uid}`].map(name => join(parent, name))

/** The directory of one build. */
export interface BuildDirectory extends AsyncDisposable {
  readonly path: string
  /** `TMPDIR` of its Buildah. */
  readonly temporary: string
}

/**
 * A directory that goes with the build: wherever Buildah is cut off, what it has made is known by its place. It puts bundles, mounts
 * of other stages and downloads there.
 */
export async function openBuildDirectory(): Promise<BuildDirectory> {
  sweepAbandoned(sharedDirectory())
  const path = await mkdtemp(join(sharedDirectory(), buildPrefix))
  const living = markLiving(path)
  const temporary = join(path, 'tmp')
  await mkdir(temporary)
  // The root of a step in a user namespace is led through there.
  for (const directory of [path, temporary]) await chmod(directory, 0o711)
  return {
    path,
    temporary,
    async [Symbol.asyncDispose]() {
      using _ = living
      unmountBelow(path)
      removeTree(path)
    },
  }
}

/** Lets a build that may use caches have those of all builds. */
export async function shareCaches({ temporary }: BuildDirectory, files: readonly string[]): Promise<void> {
  if (files.length > 0 && !(await Promise.all(files.map(mayMount))).includes(true)) return
  const links = cacheDirectories(temporary)
  for (const [index, target] of cacheDirectories().entries()) {
    await mkdir(target, { recursive: true, mode: 0o755 })
    await symlink(target, links[index] ?? '')
  }
}

/** What cannot be read here may well do so. */
const mayMount = async (file: string): Promise<boolean> => {
  const text = await readFile(file, 'utf8').catch(() => '--mount')
  return text.includes('--mount')
}
