import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from '../host/read-text.ts'
import { type Namespaces, openNamespaces } from './namespaces.ts'
import { startWaiting, type WaitingProcess } from './waiting-process.ts'

/**
 * Where a user's containers still run though their pause process has ended: the namespaces of the first conmon that lives, of
 * whatever tool. Only there can the mounts of those containers be seen.
 */
export function namespacesOfMonitors(runRoot: string, uid: number): Namespaces | undefined {
  for (const pid of monitors(runRoot)) {
    const found = readText(`/proc/${pid}/comm`).trim() === 'conmon' ? openNamespaces(pid, uid) : undefined
    if (found) return found
  }
  return undefined
}

/** By the files that conmon writes its pid to. */
function monitors(runRoot: string): readonly number[] {
  const homes = list(runRoot).filter(name => name.endsWith('-containers'))
  const files = homes.flatMap(home =>
    list(join(runRoot, home)).map(id => join(runRoot, home, id, 'userdata/conmon.pid')),
  )
  return files.map(file => Number(readText(file).trim())).filter(pid => Number.isSafeInteger(pid) && pid > 0)
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** A process in these namespaces that can become their pause process. */
export function startWithin({ user, mount }: Namespaces): WaitingProcess {
  const [first, second] = ['--user=/proc/self/fd/5', '--mount=/proc/self/fd/6']
  return startWaiting('nsenter', [first, second, '--preserve-credentials', '--'], [user, mount])
}
