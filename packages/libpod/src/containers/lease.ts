import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { EngineOptions, ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import { identify, isAlive } from '../host/process.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerConfig, ProcessIdentity } from '../state/container.ts'
import { ifGone } from './gone.ts'

/**
 * A lease ties containers to the process that asked for them. Their records carry that process (pid, start time, boot); whoever
 * comes by first once it is gone removes them: the watcher that is started here, the clean-up behind a container that ends, or
 * the next process that takes a lease on the same store.
 *
 * The watcher is a shell which reads from a socket that only the owner holds. When the owner ends, however that happens, the
 * kernel closes the socket, the shell reads its end, and becomes the program that removes what was left.
 */
export async function takeLease(
  rooms: Pick<Rooms, 'options' | 'host' | 'state' | 'containers' | 'whenDisposed'>,
): Promise<ProcessIdentity> {
  const owner = identify(process.pid, rooms.host.bootId)
  if (!owner) throw new LibpodError('UNSUPPORTED', 'a lease needs /proc to tell processes apart')
  if (watched.has(rooms)) return owner
  watched.add(rooms)
  await removeAbandoned(rooms)
  const watcher = startWatcher(rooms.options)
  rooms.whenDisposed(() => {
    if (!holds(rooms, owner)) watcher.kill('SIGKILL')
  })
  return owner
}

/** Whether containers are left that live as long as this process. */
const holds = ({ state }: Pick<Rooms, 'state'>, { pid }: ProcessIdentity): boolean =>
  state.containers.all().some(({ config }) => config.lease?.pid === pid)

/** Engines that have their watcher. */
const watched = new WeakSet<object>()

function startWatcher(options: ResolvedOptions): ChildProcess {
  const program = fileURLToPath(import.meta.resolve(`../bin/end-lease${import.meta.filename.slice(-3)}`))
  const conditions = program.endsWith('.ts') ? ['--conditions=development'] : []
  const end = [process.execPath, ...conditions, '--disable-warning=ExperimentalWarning', '--', program]
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; exec "$@"', 'lease', ...end, JSON.stringify(storeOf(options))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: process.env.HOME ?? '/' },
  })
  watcher.on('error', () => {}) // without a shell the others who come by see to it
  watcher.unref()
  const { stdin } = watcher
  if (stdin instanceof Socket) stdin.unref()
  return watcher
}

/** What the program at the end needs to open the same store. */
function storeOf(options: ResolvedOptions): EngineOptions {
  const { root, runRoot, tmpDir, graphDriver, storageOptions, transientStore, runtime, conmon } = options
  const { cgroupManager, networkConfigDir, volumePath, eventsBackend } = options
  const engine = { runtime, conmon, cgroupManager, networkConfigDir, volumePath, eventsBackend }
  return { root, runRoot, tmpDir, storageDriver: graphDriver, storageOptions, transientStore, ...engine }
}

/** Whether the process that a container was to live as long as is gone. */
export const isAbandoned = ({ lease }: ContainerConfig, bootId: string): boolean =>
  lease !== undefined && !isAlive(lease, bootId)

/** Removes, running or not, what processes have left behind that are gone. */
export async function removeAbandoned(rooms: Pick<Rooms, 'host' | 'state' | 'containers'>): Promise<void> {
  const left = rooms.state.containers.all().filter(({ config }) => isAbandoned(config, rooms.host.bootId))
  for (const { id } of left)
    await rooms.containers
      .remove(id, { running: 'kill', volumes: 'remove-anonymous', dependents: 'remove', timeout: 0 })
      .catch(ifGone)
}
