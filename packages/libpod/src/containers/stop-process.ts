import { setTimeout as delay } from 'node:timers/promises'
import { LibpodError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import { parseSignal } from '../plan/signals.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { StopOptions } from './containers.ts'
import type { StartRooms } from './start.ts'

export const SIGKILL = 9

/**
 * The stop signal, then SIGKILL after the timeout (podman-stop(1)); returns when the process is gone. Only the very process that
 * was started is ever signalled.
 */
export async function stopProcess(rooms: StartRooms, record: ContainerRecord, options: StopOptions): Promise<void> {
  const { bootId } = rooms.host
  const process = record.status.process
  const timeout = options.timeout ?? record.config.stopTimeout
  const signal = options.signal ? parseSignal(options.signal) : record.config.stopSignal
  rooms.state.containers.setStatus(record.id, { ...record.status, state: 'stopping', stoppedByUser: 'yes' })
  if (record.status.state === 'paused') await rooms.runtime.resume(record.id)
  if (timeout > 0) {
    await send(rooms, record, signal)
    if (await gone(() => isAlive(process, bootId), timeout * 1000)) return
  }
  await send(rooms, record, SIGKILL)
  if (await gone(() => isAlive(process, bootId), 10_000)) return
  throw new LibpodError('CONTAINER_STATE', `container ${record.id} did not stop after SIGKILL`, {
    subject: record.name,
  })
}

export async function send(rooms: StartRooms, record: ContainerRecord, signal: number): Promise<void> {
  const whom = record.config.spec.security?.namespaces?.pid?.kind === 'host' ? 'all' : 'init'
  await rooms.runtime.kill(record.id, signal, whom).catch(error => {
    if (isAlive(record.status.process, rooms.host.bootId)) throw error
  })
}

async function gone(alive: () => boolean, patience: number): Promise<boolean> {
  const end = Date.now() + patience
  for (let pause = 2; Date.now() < end; pause = Math.min(pause * 1.5, 50)) {
    if (!alive()) return true
    await delay(pause)
  }
  return !alive()
}
