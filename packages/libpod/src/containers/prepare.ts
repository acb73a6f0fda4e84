import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { ConmonError } from '@libpod/conmon'
import { generateSpec, type Mount, runPrecreateHooks, type Spec, writeSpec } from '@libpod/runtime-tools'
import { removeTree } from '@libpod/storage'
import { mount, umount } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { findCatatonit } from '../host/catatonit.ts'
import { identify } from '../host/process.ts'
import { newNetnsPath } from '../networks/netns.ts'
import { escapeLayer } from '../plan/mounts.ts'
import { planSpec } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import { withKeptFilter } from '../runtimes/seccomp-filter.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { giveMounts } from './chown-tree.ts'
import { subjectOf } from './create.ts'
import { gatherFacts } from './facts.ts'
import { writeFiles } from './files.ts'
import { furnishRoot } from './furnish.ts'
import { goesAtEnd } from './goes-at-end.ts'
import { pidsOfJoined } from './joined.ts'
import { launchConmon, type MonitorOptions } from './launch-conmon.ts'
import { makeReachable, ownerOnHost } from './mapped-root.ts'
import { type MountedVolumes, mountVolumes, unmountVolumes } from './mount-volumes.ts'
import { notificationFor } from './notify.ts'
import { shareOwnCgroup } from './own-cgroup.ts'
import { containerPaths } from './paths.ts'
import { hasOwnNetns, plugIn, plugInLate, plugsLate } from './plug.ts'
import { removeOwnCgroup } from './release.ts'
import { commandError } from './runtime-failure.ts'
import { secretsFor } from './secrets.ts'
import { mountShm } from './shm.ts'
import { releaseSubPaths } from './subpath.ts'
import { subscriptionMounts } from './subscriptions.ts'

export type PrepareRooms = Pick<
  Rooms,
  | 'options'
  | 'config'
  | 'host'
  | 'state'
  | 'store'
  | 'volumes'
  | 'images'
  | 'artifacts'
  | 'events'
  | 'secrets'
  | 'containers'
  | 'runtime'
>

/**
 * Brings a container to the point where the runtime's `start` is all that is missing: root mounted, networks plugged in,
 * config.json written, conmon watching. What was prepared is undone when a later step fails.
 */
export async function prepareContainer(
  rooms: PrepareRooms,
  found: ContainerRecord,
  call: Call & MonitorOptions = {},
): Promise<ContainerRecord> {
  const record = placed(rooms, found)
  const paths = containerPaths(rooms.options, record.id)
  await using undo = new AsyncDisposableStack()
  const pids = pidsOfJoined(rooms, record)
  if (record.config.podId) (await import('../pods/limits.ts')).limitPodOf(rooms, record.config.podId)
  const netns = announce(rooms, record, undo)
  for (const directory of [paths.run, paths.exitDir, paths.persistDir])
    mkdirSync(directory, { recursive: true, mode: 0o750 })
  undo.defer(() => removeTree(paths.persistDir))
  rmSync(join(paths.exitDir, record.id), { force: true }) // of an earlier run
  const plug = plugIn(rooms, record, { path: netns, run: paths.run, undo })
  if (netns !== undefined) await turn() // the network takes longest: its plugins start first
  const notification = notificationFor(record, paths)
  const ofRuntime = (error: unknown): never => {
    throw commandError(error, record.name)
  }
  undo.defer(() => removeOwnCgroup(record))
  const conmon = undo.use(await launchConmon(rooms, record, { paths, notification, plug, call }).catch(ofRuntime))
  const root = await mountRoot(rooms, record, undo)
  const volumes = await mountVolumes(rooms, record, root)
  undo.defer(() => unmountVolumes(rooms, record))
  const shm = mountShm(rooms, record, undo)
  const secrets = await secretsFor(rooms, record, paths)
  const planned: readonly Mount[] = [
    ...writeFiles(rooms, { record, paths, networks: {} }),
    ...subscriptionMounts(rooms, record, paths.run),
    ...shm,
    ...secrets.mounts,
    ...notification.mounts,
    ...initMount(rooms, record),
    ...mountsOf(volumes),
  ]
  const furnished = furnishRoot(record, { rootPath: root, paths, mounts: planned })
  const owned = giveMounts(record.config.spec.mounts?.mounts ?? [], {
    mounts: planned,
    user: furnished.user,
    owner: ownerOnHost(record, furnished.user),
  })
  const facts = await gatherFacts(rooms, record, {
    rootPath: root,
    netnsPath: plug.path,
    mounts: [...furnished.mounts, ...owned],
    user: furnished.user,
    pids,
    secretEnv: [...secrets.env, ...notification.env],
  })
  const spec = generateSpec(planSpec(record, rooms.config.containers, facts))
  const { precreate, poststop } = facts.engineHooks
  if (precreate.length > 0 || seesNetworks(spec)) await plug.status
  const hooked = await runPrecreateHooks(precreate, spec, call)
  const filtered = withKeptFilter(hooked, {
    runtime: record.config.runtime,
    options: rooms.options,
  })
  writeFileSync(paths.spec, writeSpec(filtered.spec), { mode: 0o644 })
  makeReachable(record, [root, paths.run, paths.bundle, rooms.options.volumePath])
  const { pid, monitorPid } = await conmon.create().catch(async (error: unknown) => {
    if (!isRuntimesWord(error)) await forgetHalfMade(rooms, record)
    return ofRuntime(error)
  })
  filtered.keep(record.id)
  // What stays is as others write it, and no larger.
  if (filtered.spec !== hooked && !goesAtEnd(record.config)) writeFileSync(paths.spec, writeSpec(hooked))
  releaseSubPaths(paths.run)
  undo.defer(() => abandon(rooms, record, monitorPid))
  const network = await (netns !== undefined && plugsLate(record)
    ? plugInLate(rooms, record, { netns, pid, undo, plug })
    : plug.status)
  // The files are mounted already; now the addresses are known.
  if (netns !== undefined) writeFiles(rooms, { record, paths, networks: network.networks })
  plug.lifeline?.[Symbol.dispose]()
  const { bootId } = rooms.host
  const [process, monitor] = [identify(pid, bootId), identify(monitorPid, bootId)]
  const { restarts, cgroup } = record.status
  const status = {
    state: 'initialized' as const,
    restarts,
    ...(cgroup ? { cgroup } : {}),
    mountPoint: root,
    networks: network.networks,
    ...(network.program ? { networkProgram: network.program } : {}),
    ...(netns ? { netns } : {}),
    ...(process ? { process } : {}),
    ...(monitor ? { monitor } : {}),
    ...(poststop.length > 0 ? { poststopHooks: poststop } : {}),
  }
  rooms.state.containers.setStatus(record.id, status)
  undo.move()
  await rooms.events.write({
    type: 'container',
    status: 'init',
    ...subjectOf(record),
  })
  return { ...record, status }
}

/** A container that shares its caller's cgroup knows it when it starts. @throws LibpodError SPEC_INVALID */
function placed({ host }: PrepareRooms, record: ContainerRecord): ContainerRecord {
  if (record.config.spec.resources?.cgroups !== 'split') return record
  return { ...record, status: { ...record.status, cgroup: shareOwnCgroup(host, record) } }
}

/** Writes down that something is going to be held, and where, before it is: nothing is lost when this process is killed. */
function announce(
  { state, options }: PrepareRooms,
  { id, config, status }: ContainerRecord,
  undo: AsyncDisposableStack,
): string | undefined {
  const path = hasOwnNetns(config) ? newNetnsPath(options.rootless) : undefined
  const before = state.containers.byId(id)?.status ?? status
  undo.defer(() => state.containers.setStatus(id, before))
  const { cgroup } = status
  state.containers.setStatus(id, {
    ...before,
    preparing: 'yes',
    ...(path ? { netns: path } : {}),
    ...(cgroup ? { cgroup } : {}),
  })
  return path
}

async function mountRoot(rooms: PrepareRooms, record: ContainerRecord, undo: AsyncDisposableStack): Promise<string> {
  const rootfs = record.config.spec.rootfs
  if (rootfs) return rootfs.overlay === 'none' ? rootfs.path : mountOver(rootfs.path, { rooms, record, undo })
  const store = await rooms.store()
  const path = await store.containers.mount(record.id)
  undo.defer(() => store.containers.unmount(record.id))
  return path
}

/** A root file system of the caller's that stays as it is: what is written goes with this run (`--rootfs PATH:O`). */
function mountOver(
  lower: string,
  { rooms, record, undo }: { rooms: PrepareRooms; record: ContainerRecord; undo: AsyncDisposableStack },
): string {
  const { overlays } = containerPaths(rooms.options, record.id)
  const [upper, work, merged] = ['upper', 'work', 'merged'].map(name => join(overlays, 'rootfs', name)) as [
    string,
    string,
    string,
  ]
  for (const directory of [upper, work, merged]) mkdirSync(directory, { recursive: true, mode: 0o755 })
  const layers = `lowerdir=${escapeLayer(lower)},upperdir=${escapeLayer(upper)},workdir=${escapeLayer(work)}`
  mount('overlay', merged, 'overlay', 0, layers)
  undo.defer(() => umount(merged))
  return merged
}

/** The init of `--init`, which the container's command line names already. @throws LibpodError SPEC_INVALID */
function initMount({ config }: PrepareRooms, record: ContainerRecord): readonly Mount[] {
  const { init } = record.config.spec
  if (!init) return []
  const source = init.path ?? config.containers.initPath ?? findCatatonit(config.engine.helperBinariesDir)
  if (source === undefined || !existsSync(source))
    throw new LibpodError(
      'SPEC_INVALID',
      `container-init binary not found on the host: stat ${source ?? 'catatonit'}`,
      {
        subject: record.name,
        hint: 'install catatonit, or name a program with --init-path',
      },
    )
  return [{ destination: '/run/podman-init', type: 'bind', source, options: ['bind', 'private', 'ro'] }]
}

const nothing = (): void => {}

/** Whether the runtime does something that depends on the interfaces: its hooks, and settings of interfaces. */
const seesNetworks = ({ hooks, linux }: Spec): boolean =>
  Object.keys(hooks ?? {}).length > 0 ||
  Object.keys(linux?.sysctl ?? {}).some(name => /^net\..*\.(?:conf|neigh)\./.test(name))

/** Whether the runtime itself said that it made nothing. */
const isRuntimesWord = (error: unknown): boolean =>
  error instanceof ConmonError &&
  ['RUNTIME_FAILED', 'EXECUTABLE_NOT_FOUND', 'EXECUTABLE_NOT_PERMITTED'].includes(error.code)

/** Milliseconds; a runtime that hung once may do so again. */
const longestForgetting = 10_000

/** A runtime that was killed may have made the container already, which waits then for its start. */
async function forgetHalfMade(rooms: PrepareRooms, record: ContainerRecord): Promise<void> {
  const signal = AbortSignal.timeout(longestForgetting)
  await runtimeOf(rooms, record).delete(record.id, { signal }).catch(nothing)
}

/** Ends a container that was made but is not to be started: conmon first, so that it does not clean up beside us. */
async function abandon(rooms: PrepareRooms, record: ContainerRecord, monitorPid: number): Promise<void> {
  try {
    process.kill(-monitorPid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
  await runtimeOf(rooms, record).delete(record.id).catch(nothing)
}

const mountsOf = ({ mounts }: MountedVolumes): readonly Mount[] => mounts
