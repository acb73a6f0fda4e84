import { launchMonitor, type WaitingMonitor } from '@libpod/conmon'
import { expectMoves } from '../host/cgroup-moves.ts'
import { reservePorts } from '../networks/ports.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { logTarget } from './log-target.ts'
import { monitorJob, type RestoreDetails } from './monitor-job.ts'
import type { Notification } from './notify.ts'
import type { ContainerPaths } from './paths.ts'
import type { Plug } from './plug.ts'

export interface MonitorOptions {
  /** Seconds that conmon gives the foreground process to clean up itself. */
  readonly exitDelay?: number
  /** Descriptors of ours that the process gets. */
  readonly preserveFds?: readonly number[]
  /** Called as soon as one can attach, while the runtime creates; or never. */
  readonly onAttachable?: () => void
  /** The runtime brings back what it wrote down instead of creating. */
  readonly restore?: RestoreDetails
}

interface Launch {
  readonly paths: ContainerPaths
  readonly notification: Notification
  readonly plug: Plug
  readonly call: Call & MonitorOptions
}

/** The container's conmon, which starts up while the rest is prepared. It holds the ports from now on. @throws ConmonError, LibpodError */
export async function launchConmon(
  rooms: Pick<Rooms, 'options' | 'config' | 'containers'>,
  record: ContainerRecord,
  { paths, notification, plug, call }: Launch,
): Promise<WaitingMonitor> {
  expectMoves()
  // What a program publishes, it binds itself: the container's own, or that of a plain user's bridges.
  const isBound = plug.lifeline !== undefined || rooms.options.rootless === 'yes'
  await using reserved = await reservePorts(isBound ? [] : record.config.ports)
  const job = monitorJob(rooms, record, {
    paths,
    exitDelay: call.exitDelay ?? 0,
    preserveFds: call.preserveFds ?? [],
    ...(call.restore ? { restore: call.restore } : {}),
    heldFds: [...reserved.fds, ...(plug.lifeline ? [plug.lifeline.holder] : [])],
    log: await logTarget(rooms, record),
    ...(notification.socket ? { sdnotifySocket: notification.socket } : {}),
  })
  return launchMonitor({
    ...job,
    ...(call.signal ? { signal: call.signal } : {}),
    ...(call.onAttachable ? { onAttachable: call.onAttachable } : {}),
  })
}
