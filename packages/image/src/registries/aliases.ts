import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDirectory } from '../files/make-directory.ts'
import { userId } from '../files/user.ts'
import { type DockerReference, repositoryName } from '../reference/docker-reference.ts'
import type { AccessOptions } from '../transports/transport.ts'

/** The file that keeps the user's choices among short-name candidates (containers-registries.conf(5)). */
export function aliasFile(access: AccessOptions = {}): string {
  const env = access.env ?? process.env
  if (access.shortNameAliasFile !== undefined) return access.shortNameAliasFile
  if (userId(access) === 0) return '/var/cache/containers/short-name-aliases.conf'
  const cache = env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache')
  return join(cache, 'containers/short-name-aliases.conf')
}

/** Remembers what a short name was said to mean. */
export async function recordShortNameAlias(
  name: string,
  target: DockerReference,
  access: AccessOptions = {},
): Promise<void> {
  const path = aliasFile(access)
  await makeDirectory(dirname(path), { mode: 0o700 })
  await using _lock = await lockBeside(path)
  const { parse, stringify } = await import('smol-toml')
  const document = parse(await readFile(path, 'utf8').catch(() => ''))
  const aliases = new Map(Object.entries((document.aliases ?? {}) as Record<string, string>))
  aliases.set(name, repositoryName(target))
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, stringify({ aliases: Object.fromEntries(aliases) }), { mode: 0o644 })
  await rename(temporary, path)
}

/** Keeps our own processes apart while the file is rewritten; a lock older than ten seconds is a dead one's. */
async function lockBeside(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.ours.lock`
  for (let tries = 0; tries < 100; tries++) {
    const handle = await open(lock, 'wx').catch(() => undefined)
    if (handle !== undefined) {
      await handle.close()
      return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) }
    }
    await sleep(100)
  }
  await rm(lock, { force: true })
  return lockBeside(path)
}
