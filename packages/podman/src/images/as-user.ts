import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
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
  const [program = '', ...words] = as === undefined || as.uid === 0 ? self : [...namespaceFor(as), ...self]
  const account = as && { uid: as.uid, gid: as.gid, cwd: as.home, env: environmentOf(as) }
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], ...account })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new ExitStatus(code ?? 125)
  return Buffer.concat(output).toString()
}

/** What others than root keep in their stores belongs to ids of theirs: it is read and written within a user namespace of those. */
function namespaceFor(account: Account): readonly string[] {
  const more = ['/etc/subuid', '/etc/subgid'].every(path => hasRange(path, account)) ? ['--map-auto'] : []
  return ['unshare', '--user', '--mount', '--map-root-user', ...more, '--']
}

function hasRange(path: string, { name, uid }: Account): boolean {
  if (!existsSync(path)) return false
  const owners = readFileSync(path, 'utf8')
    .split('\n')
    .map(line => line.split(':', 1)[0])
  return owners.includes(name) || owners.includes(String(uid))
}

/** What a login would give the user, where programs are, and who stands behind root within the namespace. */
function environmentOf({ name, uid, gid, home }: Account): NodeJS.ProcessEnv {
  const runtime = `/run/user/${uid}`
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    USER: name,
    LOGNAME: name,
    ...(existsSync(runtime) && { XDG_RUNTIME_DIR: runtime }),
    ...(uid !== 0 && {
      _CONTAINERS_ROOTLESS_UID: String(uid),
      _CONTAINERS_ROOTLESS_GID: String(gid),
      _CONTAINERS_USERNS_CONFIGURED: 'done',
    }),
  }
}
