import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { sendDatagram } from '@libpod/syscall'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { ContainerPaths } from './paths.ts'
import { waitContainer } from './wait.ts'

const modeOf = ({ config }: ContainerRecord) => config.spec.sdnotify ?? 'container'

/** What a container that tells systemd itself gets of the directory where conmon listens for it. */
export interface Notification {
  readonly mounts: readonly Mount[]
  readonly env: readonly string[]
  /** Where conmon passes on what it hears. */
  readonly socket?: string
}

export function notificationFor(record: ContainerRecord, { bundle }: ContainerPaths): Notification {
  const socket = record.config.notifySocket
  if (!socket || modeOf(record) !== 'container') return { mounts: [], env: [] }
  const source = join(bundle, 'notify')
  mkdirSync(source, { recursive: true, mode: 0o755 })
  return {
    mounts: [{ destination: '/run/notify', type: 'bind', source, options: ['bind', 'rprivate'] }],
    env: ['NOTIFY_SOCKET=/run/notify/notify.sock'],
    socket,
  }
}

type NotifyRooms = Pick<Rooms, 'options' | 'state' | 'host'>

/** The container's own socket, or that of whoever starts it. */
const socketOf = ({ options }: NotifyRooms, { config }: ContainerRecord): string | undefined =>
  config.notifySocket ?? options.notifySocket

/** conmon is the main process of the service, and with `conmon` the service is ready now (sd_notify(3)). */
export function notifyStarted(rooms: NotifyRooms, record: ContainerRecord): void {
  const mode = modeOf(record)
  const monitor = record.status.monitor?.pid
  if (mode === 'ignore' || monitor === undefined) return
  send(socketOf(rooms, record), `MAINPID=${monitor}${mode === 'conmon' ? '\nREADY=1' : ''}`)
}

/** The service that a container stands for is ready, and its conmon the main process. */
export function notifyReady(rooms: NotifyRooms, id: string): void {
  const monitor = rooms.state.containers.byId(id)?.status.monitor
  if (monitor) send(rooms.options.notifySocket, `MAINPID=${monitor.pid}\nREADY=1`)
}

/** With `healthy` a start takes until the container is, and the service is ready then. @throws LibpodError CONTAINER_STATE when it ends before */
export async function notifyHealthy(rooms: NotifyRooms, id: string, { signal }: Call): Promise<void> {
  const record = rooms.state.containers.byId(id as ContainerRecord['id'])
  if (!record || modeOf(record) !== 'healthy') return
  await waitContainer(rooms, id, ['healthy'], signal ? { signal } : {})
  send(socketOf(rooms, record), 'READY=1')
}

/** A service manager that does not listen is no reason for a container not to run. */
function send(socket: string | undefined, message: string): void {
  if (!socket) return
  try {
    sendDatagram(socket, Buffer.from(message))
  } catch {
    // Nobody hears it.
  }
}
