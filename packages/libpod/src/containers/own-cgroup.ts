import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import { hierarchyMount } from '../host/cgroup.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { ContainerRecord } from '../state/container.ts'

/** Where conmon, and on a v2 host all that ran in the group before, goes: beside the container, not above it. */
const supervisor = 'supervisor'

/**
 * With `--cgroups split` a container's cgroup lies in its caller's, beside one for its monitor: so a service's limits hold for
 * both. Moves this process, from which conmon inherits. @throws LibpodError SPEC_INVALID where the caller is in no group of its own
 */
export function shareOwnCgroup({ cgroups }: Pick<HostFacts, 'cgroups'>, { id }: ContainerRecord): string {
  const own = ownCgroup(readFileSync('/proc/self/cgroup', 'latin1'))
  if (own === undefined)
    throw new LibpodError('SPEC_INVALID', 'could not find cgroup mount in "/proc/self/cgroup"', { subject: id })
  for (const { hierarchy, path } of own.places) enter(join(hierarchy, path), cgroups)
  return join(own.path, `libpod-payload-${id}`)
}

/** @throws LibpodError SPEC_INVALID for a runtime that cannot do without a cgroup */
export function checkRuntime({ options, config }: Pick<Rooms, 'options' | 'config'>, spec: ContainerSpec): void {
  const runtime = basename(options.runtimeName)
  if (spec.resources?.cgroups !== 'disabled' || config.engine.runtimesWithoutCgroups.includes(runtime)) return
  throw new LibpodError(
    'SPEC_INVALID',
    `requested OCI runtime ${runtime} is not compatible with NoCgroups: invalid argument`,
    { subject: runtime },
  )
}

/** A slice is systemd's: the manager of plain cgroups cannot put anything into one. @throws LibpodError SPEC_INVALID */
export function refuseSlice({ options }: Pick<Rooms, 'options'>, { resources }: ContainerSpec): void {
  if (options.cgroupManager !== 'cgroupfs' || !resources?.cgroupParent?.endsWith('.slice')) return
  throw new LibpodError(
    'SPEC_INVALID',
    'systemd slice received as cgroup parent when using cgroupfs: invalid argument',
    {
      subject: resources.cgroupParent,
    },
  )
}

interface OwnCgroup {
  readonly path: string
  readonly places: readonly { readonly hierarchy: string; readonly path: string }[]
}

/** The longest of the paths in /proc/PID/cgroup, v2's before all; undefined in the root (cgroups(7)). */
export function ownCgroup(text: string): OwnCgroup | undefined {
  const lines = text.trim().split('\n')
  const rows = lines.flatMap(line => {
    const [, controllers = '', found = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    // Who was moved before, as the process that restarts it was, is moved no deeper.
    const path = found.endsWith(`/${supervisor}`) ? found.slice(0, -supervisor.length - 1) : found
    return path === '/' ? [] : [{ controllers, path }]
  })
  const longest = rows.reduce((one, { path }) => (path.length > one.length ? path : one), '')
  const path = rows.find(({ controllers }) => controllers === '')?.path ?? longest
  if (path === '') return undefined
  const only = lines.length === 1
  const places = rows.map(row => ({ hierarchy: hierarchyMount(row.controllers, only), path: row.path }))
  return { path, places }
}

/** v2 takes processes only in groups without others below; elsewhere nobody but us needs to move. */
function enter(directory: string, version: HostFacts['cgroups']): void {
  const inside = join(directory, supervisor)
  try {
    const pids = version === 'v2' ? readFileSync(join(directory, 'cgroup.procs'), 'latin1').split('\n') : []
    mkdirSync(inside, { recursive: true })
    for (const pid of new Set([...pids.filter(Boolean), String(process.pid)])) moveTo(inside, pid)
  } catch {
    // A hierarchy that is not mounted, or a controller that refuses: there everybody stays where they are.
  }
}

function moveTo(directory: string, pid: string): void {
  try {
    writeFileSync(join(directory, 'cgroup.procs'), pid)
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
