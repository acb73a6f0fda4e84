import type { SystemRooms } from '../system/rooms.ts'
import type { AutoUpdateOptions, AutoUpdateReport, UpdateStatus } from './auto-update.ts'
import { assembleTasks, type UpdateTask } from './tasks.ts'
import { restartUnit } from './units.ts'

/**
 * Keeps running containers up to date that are labelled for it: looks for newer images, pulls them, and has systemd restart the
 * units that make the containers anew. What fails keeps nothing else from being updated.
 */
export async function autoUpdate(rooms: SystemRooms, options: AutoUpdateOptions = {}): Promise<AutoUpdateReport> {
  const { tasks, errors } = await assembleTasks(rooms)
  if (tasks.length === 0) return { containers: [], errors }
  await rooms.events.write({ type: 'system', status: 'auto-update' })
  const run: Run = { rooms, options, pulled: new Set(), errors: [...errors], statuses: new Map() }
  for (const [unit, own] of Map.groupBy(tasks, task => task.unit)) await updateUnit(run, unit, own)
  const containers = tasks.map(({ container, unit, image, policy }) => {
    const updated = run.statuses.get(container.id) ?? 'failed'
    return { unit, containerId: container.id, containerName: container.name, image, policy, updated }
  })
  return { containers, errors: run.errors }
}

/** What one run has found and done so far. */
interface Run {
  readonly rooms: SystemRooms
  readonly options: AutoUpdateOptions
  /** Names whose newer image is here: it is pulled once for all. */
  readonly pulled: Set<string>
  readonly errors: Error[]
  readonly statuses: Map<string, UpdateStatus>
}

async function updateUnit(run: Run, unit: string, tasks: readonly UpdateTask[]): Promise<void> {
  const { rooms, options } = run
  for (const task of tasks) run.statuses.set(task.container.id, await updateImage(run, task))
  if (!tasks.some(({ container }) => run.statuses.get(container.id) === 'true')) return
  const failed = await failureOf(restartUnit(rooms.options, unit, options.signal))
  settle(run, tasks, failed ? 'failed' : 'true')
  if (!failed) return
  if (options.onFailure === 'leave') run.errors.push(about(`restarting unit ${unit} during update`, failed))
  else await rollBack(run, unit, tasks)
}

const settle = ({ statuses }: Run, tasks: readonly UpdateTask[], status: UpdateStatus): void => {
  for (const { container } of tasks) statuses.set(container.id, status)
}

/** The newer image of one container, when there is one: `true` when it is in the store now. */
async function updateImage(run: Run, task: UpdateTask): Promise<UpdateStatus> {
  const { id } = task.container
  let doing = `checking image updates for container ${id}`
  try {
    if (!(await isOutdated(run, task))) return 'false'
    if (run.options.how === 'check') return 'pending'
    doing = `updating image for container ${id}`
    if (task.policy === 'registry') await pull(run, task)
    return 'true'
  } catch (error) {
    run.options.signal?.throwIfAborted()
    run.errors.push(about(doing, error))
    return 'failed'
  }
}

async function isOutdated({ rooms, options, pulled }: Run, task: UpdateTask): Promise<boolean> {
  const { imageId } = task.container.config
  if (task.policy === 'local') return (await rooms.images.lookup(task.image)).id !== imageId
  return pulled.has(task.image) || rooms.images.hasNewer(imageId, task.image, registryOf(task, options))
}

async function pull({ rooms, options, pulled }: Run, task: UpdateTask): Promise<void> {
  if (pulled.has(task.image)) return
  await rooms.images.pull(task.image, { ...registryOf(task, options), policy: 'always' })
  pulled.add(task.image)
}

/** A container's own credentials go before those of the run. */
function registryOf({ authFile }: UpdateTask, { how: _, onFailure: __, ...options }: AutoUpdateOptions) {
  return { ...options, ...(authFile !== undefined && { authFile }) }
}

/** The old images get their names back, and the unit another start with them. */
async function rollBack(run: Run, unit: string, tasks: readonly UpdateTask[]): Promise<void> {
  const { rooms, options, errors, pulled } = run
  for (const { container, image } of tasks) {
    const failed = await failureOf(rooms.images.tag(container.config.imageId, [image]))
    if (failed) errors.push(about(`rolling back image for container ${container.id} in unit ${unit}`, failed))
    pulled.delete(image)
  }
  const failed = await failureOf(restartUnit(rooms.options, unit, options.signal))
  if (failed) errors.push(about(`restarting unit ${unit} during rollback`, failed))
  settle(run, tasks, failed ? 'failed' : 'rolled back')
}

const failureOf = (work: Promise<unknown>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )

const about = (doing: string, cause: unknown): Error =>
  new Error(`${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
