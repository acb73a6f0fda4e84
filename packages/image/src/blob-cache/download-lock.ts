import { open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lives } from '../files/lives.ts'

/**
 * Says among processes who fetches a file: whoever made the newest of the files `<path>.lock.<number>` and lives.
 * A dead one's place is taken by making the next number, which only one can.
 * @returns how to give the place up; undefined while somebody has it
 */
export async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const numbers = await lockNumbers(path)
  const newest = numbers.at(-1)
  if (newest !== undefined && (await isHeld(lockPath(path, newest)))) return undefined
  const mine = (newest ?? 0) + 1
  const file = await open(lockPath(path, mine), 'wx', 0o600).catch(() => undefined)
  if (file === undefined) return undefined
  await file.writeFile(`${process.pid} ${(await startTime(process.pid)) ?? ''}`)
  await file.close()
  return async () => {
    for (const number of [...numbers, mine]) await rm(lockPath(path, number), { force: true })
  }
}

const lockPath = (path: string, number: number): string => `${path}.lock.${number}`

async function lockNumbers(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.lock.`
  const names = await readdir(join(dirname(path))).catch(() => [])
  const found = names.filter(name => name.startsWith(prefix)).map(name => Number(name.slice(prefix.length)))
  return found.filter(Number.isSafeInteger).sort((one, other) => one - other)
}

/** A lock just made says nothing yet and counts as held. */
async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return false
  const [pid = '', start = ''] = text.split(' ')
  if (pid === '') return true
  if (!lives(Number(pid))) return false
  const now = await startTime(Number(pid))
  return now === undefined || start === '' || now === start
}

/** When a process started, where the system tells: a number used again is then told apart. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
