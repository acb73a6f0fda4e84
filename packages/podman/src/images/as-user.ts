import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { UsageError } from '../cli/usage-error.ts'
import { ExitStatus } from '../exit-codes.ts'

/** An account of this host. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/** @throws UsageError when the host has no such account */
export async function findAccount(name: string): Promise<Account> {
  for (const line of (await readFile('/etc/passwd', 'utf8')).split('\n')) {
    const [user, , uid = '', gid = '', , home = '/'] = line.split(':')
    if (user === name) return { name, uid: Number(uid), gid: Number(gid), home }
  }
  throw new UsageError(`user: unknown user ${name}`)
}

/** Runs this very program with other arguments, as another user where one is given; its standard output. @throws ExitStatus as it ended */
export async function runSelf(args: readonly string[], as: Account | undefined): Promise<string> {
  const self = [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...args]
  const [program = '', ...words] = self
  const account = as && { uid: as.uid, gid: as.gid, cwd: as.home, env: environmentOf(as) }
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], ...account })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new ExitStatus(code ?? 125)
  return Buffer.concat(output).toString()
}

/** What a login would give the user, where programs are. */
function environmentOf({ name, home }: Account): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    USER: name,
    LOGNAME: name,
  }
}
