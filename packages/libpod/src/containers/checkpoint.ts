import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '@libpod/storage'
import { findExecutable } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { CheckpointOptions, RestoreOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { currentStatus } from './liveness.ts'
import { withContainer } from './lock.ts'
import { containerPaths } from './paths.ts'
import { prepareContainer } from './prepare.ts'
import { recordEnd } from './record-end.ts'
import { nowRunning, type StartRooms, startNeeded } from './start.ts'
import { gone } from './stop-process.ts'

/** Milliseconds after which a container that was written down must be gone. */
const longestEnd = 10_000

/** podman-container-checkpoint(1), on this host. The checkpoint stays in the container's own directory. */
export async function checkpointContainer(
  rooms: StartRooms,
  name: string,
  options: CheckpointOptions & Call = {},
): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  needCriu()
  await withContainer(rooms, id, async record => {
    const { state } = currentStatus(rooms, record)
    if (state !== 'running')
      throw new LibpodError(
        'CONTAINER_STATE',
        `${JSON.stringify(id)} is not running, cannot checkpoint: container state improper`,
        { subject: record.name },
      )
    const { directory, work } = places(rooms, record)
    removeTree(directory)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const leave = options.afterwards === 'leave-running' ? ['--leave-running'] : []
    const where = ['--image-path', directory, '--work-path', work]
    await runtimeOf(rooms, record).checkpoint(id, [...where, ...leave, ...treeOptions(options)], options)
    const checkpointedAt = Date.now()
    if (leave.length > 0) rooms.state.containers.setStatus(id, { ...record.status, checkpointedAt })
    else await ended(rooms, record, checkpointedAt)
    if (options.files !== 'keep') forgetWork(work)
    await rooms.events.write({ type: 'container', status: 'checkpoint', ...subjectOf(record) })
  })
}

/** What it held is given back; its processes are in the checkpoint. */
async function ended(rooms: StartRooms, record: ContainerRecord, checkpointedAt: number): Promise<void> {
  await gone(() => isAlive(record.status.process, rooms.host.bootId), longestEnd)
  rooms.state.containers.setStatus(record.id, { ...record.status, stoppedByUser: 'yes' })
  const { status } = await recordEnd(rooms, { ...record, status: { ...record.status, stoppedByUser: 'yes' } })
  rooms.state.containers.setStatus(record.id, { ...status, checkpointedAt })
}

/** podman-container-restore(1): from the checkpoint in the container's own directory. */
export async function restoreContainer(
  rooms: StartRooms,
  name: string,
  options: RestoreOptions & Call = {},
): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  needCriu()
  await startNeeded(rooms, id, options)
  await withContainer(rooms, id, async record => {
    const { state } = currentStatus(rooms, record)
    if (state !== 'exited' && state !== 'created')
      throw new LibpodError(
        'CONTAINER_STATE',
        `container ${id} is running or paused, cannot restore: container state improper`,
        { subject: record.name },
      )
    const { directory, work } = places(rooms, record)
    if (!existsSync(join(directory, 'inventory.img')))
      throw new LibpodError(
        'CONTAINER_STATE',
        `a complete checkpoint for this container cannot be found, cannot restore: stat ${directory}/inventory.img: no such file or directory`,
        { subject: record.name },
      )
    const from = { ...record, status: { state: 'created' as const, restarts: record.status.restarts } }
    const restore = { directory, options: treeOptions(options) }
    const prepared = await prepareContainer(rooms, from, {
      restore,
      ...(options.signal ? { signal: options.signal } : {}),
    })
    await nowRunning(rooms, { ...prepared, status: { ...prepared.status, restoredAt: Date.now() } }, 'restore')
    if (options.files === 'keep') return
    removeTree(directory)
    forgetWork(work)
  })
}

function places(
  { options }: StartRooms,
  { id }: ContainerRecord,
): { readonly directory: string; readonly work: string } {
  const { bundle } = containerPaths(options, id)
  return { directory: join(bundle, 'checkpoint'), work: bundle }
}

const treeOptions = ({ tcp, fileLocks }: RestoreOptions): readonly string[] => [
  ...(tcp === 'established' ? ['--tcp-established'] : tcp === 'close' ? ['--tcp-close'] : []),
  ...(fileLocks === 'yes' ? ['--file-locks'] : []),
]

function forgetWork(work: string): void {
  for (const file of ['dump.log', 'stats-dump', 'restore.log', 'stats-restore'])
    rmSync(join(work, file), { force: true })
}

/** The runtimes look for criu where programs are. @throws LibpodError UNSUPPORTED */
function needCriu(): void {
  const directories = [
    '/usr/sbin',
    '/usr/bin',
    '/usr/local/sbin',
    '/usr/local/bin',
    ...(process.env.PATH ?? '').split(':'),
  ]
  if (findExecutable('criu', directories)) return
  throw new LibpodError('UNSUPPORTED', 'checkpoint/restore requires at least CRIU 31100: criu is not installed', {
    hint: 'install criu',
  })
}
