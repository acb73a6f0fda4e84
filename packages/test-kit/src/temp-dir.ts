import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from './programs.ts'

/** The part of AVA's `t` that is needed to clean up. */
export interface Teardown {
  teardown(cleanup: () => Promise<void>): void
}

/**
 * A fresh directory for one test. After the test everything goes that belongs to it: processes that were told its path,
 * mounts below it, and the directory.
 */
export async function tempDir(t: Teardown, name = 'test'): Promise<string> {
  // In lower case: Podman makes names of images of paths.
  const directory = join(tmpdir(), `libpod-${name}-${randomBytes(6).toString('hex')}`)
  await mkdir(directory, { mode: 0o700 })
  t.teardown(() => removeDirectory(directory))
  return directory
}

/** Removes a directory of a test with all that lives by it. */
export async function removeDirectory(directory: string): Promise<void> {
  for (let rounds = 0; rounds < 50 && (await killUsers(directory)) > 0; rounds++) await delay(20)
  for (const mount of (await mountsBelow(directory)).reverse()) await run('umount', ['-l', mount])
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}

/** Mount points at or below a directory, in the order they were mounted. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const points = lines.map(line => unescapeOctal(line.split(' ')[4] ?? ''))
  return points.filter(point => point === directory || point.startsWith(directory + sep))
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

async function killUsers(directory: string): Promise<number> {
  const monitors = await processesAbout(directory)
  const all = [...new Set((await Promise.all(monitors.map(family))).flat())]
  for (const pid of all) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was quicker.
    }
  }
  return all.length
}

/** Processes whose command line names the directory, none of them this process or an ancestor of it. */
export async function processesAbout(directory: string): Promise<number[]> {
  const own = await ancestors(process.pid)
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const about = await Promise.all(
    pids.map(async pid => (await commandLine(pid)).some(word => word.includes(directory))),
  )
  return pids.filter((pid, index) => about[index] && !own.includes(pid))
}

const commandLine = async (pid: number): Promise<string[]> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')

async function ancestors(pid: number): Promise<number[]> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
  return parent > 0 ? [pid, ...(await ancestors(parent))] : [pid]
}

async function family(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '')
  const below = await Promise.all(children.trim().split(' ').filter(Boolean).map(Number).map(family))
  return [pid, ...below.flat()]
}
