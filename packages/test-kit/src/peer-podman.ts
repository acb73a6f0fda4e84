import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outcome, output, plainEnvironment, type RunOptions, run } from './programs.ts'
import { type Teardown, tempDir } from './temp-dir.ts'

/** The installed Podman on a store of its own. */
export interface PeerPodman {
  readonly graphRoot: string
  readonly runRoot: string
  /** The program with its global options: what to put before a command. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Runs a command that may fail. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Runs a command that must not; gives what it prints. */
  output(args: readonly string[], options?: RunOptions): Promise<string>
}

export interface PeerOptions {
  /** Another store to work on, for instance one of ours. */
  readonly graphRoot?: string
  readonly runRoot?: string
  readonly driver?: 'overlay' | 'vfs'
}

// A host may forbid raising limits, which Podman's defaults do.
const containersConf = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'

/** Podman with its own root, run root and networks; what it leaves running goes with the test. */
export async function peerPodman(t: Teardown, options: PeerOptions = {}): Promise<PeerPodman> {
  const directory = await tempDir(t, 'peer')
  const { graphRoot = join(directory, 'root'), runRoot = join(directory, 'runroot'), driver = 'overlay' } = options
  const conf = join(directory, 'containers.conf')
  await writeFile(conf, containersConf)
  await mkdir(join(directory, 'networks'))
  const store = [
    '--root',
    graphRoot,
    '--runroot',
    runRoot,
    '--tmpdir',
    join(directory, 'tmp'),
    '--storage-driver',
    driver,
  ]
  const engine = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
  const globals = [...store, ...engine, '--network-config-dir', join(directory, 'networks')]
  const env = { ...plainEnvironment, CONTAINERS_CONF: conf }
  const peer: PeerPodman = {
    ...{ graphRoot, runRoot, env, argv: ['podman', ...globals] },
    run: (args, runOptions) => run('podman', [...globals, ...args], { env, ...runOptions }),
    output: (args, runOptions) => output('podman', [...globals, ...args], { env, ...runOptions }),
  }
  t.teardown(async () => void (await peer.run(['rm', '--all', '--force', '--time', '0'])))
  return peer
}
