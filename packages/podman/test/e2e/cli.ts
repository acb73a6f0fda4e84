import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  busyboxTar,
  type Outcome,
  plainEnvironment,
  type RunOptions,
  run,
  type Teardown,
  tempDir,
} from '@libpod/test-kit'

const bundle = fileURLToPath(new URL('../../dist/podman.js', import.meta.url))

/** How the tool under test is started: `$PODMAN`, or the bundle. */
function program(): readonly string[] {
  const other = process.env.PODMAN
  if (other) return [other]
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run npm run build first`)
  return [process.execPath, '--disable-warning=ExperimentalWarning', '--', bundle]
}

/** The command line with a store of its own. */
export interface Cli {
  readonly directory: string
  readonly root: string
  readonly globals: readonly string[]
  readonly argv: readonly string[]
  /** Runs a command to its end, whatever that is. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Runs a command that must succeed; gives its output without the last newline. */
  ok(...args: string[]): Promise<string>
}

/** A fresh store, removed with everything in it after the test. */
export async function openCli(t: Teardown, name: string): Promise<Cli> {
  const directory = await tempDir(t, name)
  const at = (part: string): string => join(directory, part)
  await mkdir(at('cni'))
  const globals = [
    '--root',
    at('root'),
    '--runroot',
    at('run'),
    '--tmpdir',
    at('tmp'),
    '--cgroup-manager',
    'cgroupfs',
    '--events-backend',
    'file',
  ]
  const [first = '', ...rest] = program()
  const argv = [first, ...rest, ...globals]
  const start = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    run(first, [...rest, ...globals, ...args], { env: plainEnvironment, ...options })
  t.teardown(async () => {
    await start(['rm', '--all', '--force', '--time', '0'])
  })
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await start(args)
    if (code !== 0) throw new Error(`podman ${args.join(' ')} ended with ${code}: ${stderr || stdout}`)
    return stdout.replace(/\n$/, '')
  }
  return { directory, root: at('root'), globals, argv, run: start, ok }
}

export const busybox = 'localhost/busybox:latest'

/** The same with a busybox image in the store. */
export async function openCliWithBusybox(t: Teardown, name: string): Promise<Cli> {
  const cli = await openCli(t, name)
  const tar = await busyboxTar(cli.directory)
  await cli.ok('import', '--quiet', '--change', 'ENV PATH=/bin', '--change', 'CMD ["/bin/sh"]', tar, busybox)
  return cli
}

/** The peer's options for the same store, and what it needs to start containers as this process may. */
export const peerGlobals = (cli: Cli): readonly string[] => [
  ...cli.globals,
  '--runtime',
  'runc',
  '--storage-driver',
  'overlay',
]
