import { lstat, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/**
 * Removes what `RUN --mount=type=cache` left for later builds: Buildah keeps it in the directory of temporary files, with the
 * user's id in its name since 1.30. What another user put there under that name stays.
 */
export async function removeBuildCache(): Promise<void> {
  const uid = process.geteuid?.() ?? 0
  const parent = resolve(process.env.TMPDIR || '/var/tmp')
  for (const name of ['buildah-cache', `buildah-cache-${uid}`]) {
    const path = join(parent, name)
    const found = await lstat(path).catch(() => undefined)
    if (found?.isDirectory() && found.uid === uid) await rm(path, { recursive: true, force: true })
  }
}
