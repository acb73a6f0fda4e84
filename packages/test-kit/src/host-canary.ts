import { lstat, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of the host that nothing within a container or an image may reach. */
export interface HostCanary {
  readonly path: string
  /** Whether it is as it was: content, mode, owner, links and times. */
  isUnharmed(): Promise<boolean>
}

/** Puts a canary into a directory that a hostile image or container is to aim at. */
export async function hostCanary(directory: string, name = 'canary'): Promise<HostCanary> {
  const path = join(directory, name)
  await writeFile(path, 'alive\n', { flag: 'wx', mode: 0o644 })
  const look = async (): Promise<string> => {
    const { mode, uid, gid, nlink, ino, mtimeNs, ctimeNs } = await lstat(path, { bigint: true })
    return [mode, uid, gid, nlink, ino, mtimeNs, ctimeNs, await readFile(path, 'utf8')].join(' ')
  }
  const before = await look()
  return { path, isUnharmed: async () => (await look().catch(() => 'gone')) === before }
}
