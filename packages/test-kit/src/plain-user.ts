import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Outcome, plainEnvironment, type RunOptions, run } from './programs.ts'
import { type Teardown, tempDir } from './temp-dir.ts'

/** A user without privilege, on a host where nobody else is: processes, mounts and network end with the test. */
export interface PlainUser {
  readonly uid: number
  /** Everything of the user's lies below; what root puts here, the user can read. */
  readonly directory: string
  readonly home: string
  readonly runtimeDirectory: string
  /** As the user sees them. */
  readonly repository: string
  readonly node: string
  readonly env: Readonly<Record<string, string>>
  /** What to put before a command for the user, or somebody else of that host, to run it. */
  enter(uid?: number): readonly string[]
  run(argv: readonly string[], options?: RunOptions): Promise<Outcome>
}

const uid = 7001
const firstSubordinate = 2_000_000_000

/** The host's account files with the user's (a mount on the files themselves would go when somebody adds an account), devices that everybody may open, one network link. */
const script = `set -e
d=$1
mount --make-rshared /
mknod "$d/tun" c 10 200; mknod "$d/fuse" c 10 229; chmod 666 "$d/tun" "$d/fuse"
mount --bind "$d/tun" /dev/net/tun; mount --bind "$d/fuse" /dev/fuse
mount -t tmpfs -o mode=755 tmpfs "$d/etc"; mkdir "$d/etc/upper" "$d/etc/work"
for file in passwd group subuid subgid; do cp "$d/$file" "$d/etc/upper/$file"; done
mount -t overlay -o "lowerdir=/etc,upperdir=$d/etc/upper,workdir=$d/etc/work" overlay /etc
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount --bind "$2" "$d/repository"; mount --bind "$3" "$d/node"
ip link set lo up
ip link add eth0 type veth peer name other; ip link set other up; ip link set eth0 up
ip addr add 10.255.9.2/24 dev eth0; ip route add default via 10.255.9.1
echo up; exec catatonit -P`

export interface PlainUserOptions {
  /** Whether subuid(5) and subgid(5) lend the user ids. */
  readonly subordinateIds?: 'none'
}

/** Makes such a user for one test; the test must be root. */
export async function plainUser(t: Teardown, options: PlainUserOptions = {}): Promise<PlainUser> {
  const directory = await tempDir(t, 'user')
  const at = (name: string): string => join(directory, name)
  await chmod(directory, 0o755)
  for (const name of ['home', 'run', 'tmp', 'repository', 'etc']) await mkdir(at(name), { mode: 0o700 })
  for (const name of ['home', 'run', 'tmp']) await run('chown', [`${uid}:${uid}`, at(name)])
  await writeFile(at('node'), '')
  const also = async (file: string, line: string) =>
    writeFile(at(file), `${(await readFile(`/etc/${file}`, 'utf8')).trimEnd()}\n${line}\n`, { mode: 0o644 })
  await also('passwd', `tester:x:${uid}:${uid}::${at('home')}:/bin/sh`)
  await also('group', `tester:x:${uid}:`)
  const lent = options.subordinateIds === 'none' ? '' : `tester:${firstSubordinate}:65536\n`
  for (const file of ['subuid', 'subgid']) await writeFile(at(file), lent, { mode: 0o644 })
  const pid = await startHost(t, directory)
  const env = {
    PATH: plainEnvironment.PATH ?? '',
    LC_ALL: 'C',
    HOME: at('home'),
    USER: 'tester',
    TMPDIR: at('tmp'),
    XDG_RUNTIME_DIR: at('run'),
  }
  const enter = (as = uid): readonly string[] => [
    ...['nsenter', `--target=${pid}`, '--mount', '--pid', '--net', `--wdns=${at('home')}`, '--'],
    ...['setpriv', `--reuid=${as}`, `--regid=${as}`, '--clear-groups', '--'],
  ]
  return {
    uid,
    directory,
    home: at('home'),
    runtimeDirectory: at('run'),
    repository: at('repository'),
    node: at('node'),
    env,
    enter,
    run: (argv, { env: more, ...rest } = {}) => {
      const [program = '', ...args] = [...enter(), ...argv]
      return run(program, args, { ...rest, env: { ...env, ...more } })
    },
  }
}

/** Gives the pid of the process by which the host can be entered, and which nothing of it outlives. */
async function startHost(t: Teardown, directory: string): Promise<number> {
  const repository = fileURLToPath(new URL('../../..', import.meta.url))
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  const words = [...namespaces, '--', 'sh', '-c', script, 'host', directory, repository, process.execPath]
  const host = spawn('unshare', words, { env: plainEnvironment, stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  host.stderr.setEncoding('utf8').on('data', piece => {
    complaint += piece
  })
  const left = once(host, 'exit')
  t.teardown(async () => {
    host.kill('SIGKILL')
    await left
  })
  const up = once(host.stdout, 'data').then(() => 'up' as const)
  const went = left.then(() => 'left' as const)
  if ((await Promise.race([up, went])) === 'left') throw new Error(`no host for a plain user here: ${complaint}`)
  for (;;) {
    const children = await readFile(`/proc/${host.pid}/task/${host.pid}/children`, 'latin1')
    if (children.trim() !== '') return Number(children.trim().split(' ')[0])
    await delay(10)
  }
}
