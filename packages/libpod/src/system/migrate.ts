import type { ContainerId } from '../containers/containers.ts'
import { LibpodError } from '../errors.ts'
import { endPause } from '../rootless/pause-process.ts'
import { type RuntimeChoice, selectRuntime } from '../runtimes/select.ts'
import type { SystemRooms } from './rooms.ts'

type MigrateRooms = Pick<SystemRooms, 'options' | 'config' | 'host' | 'state' | 'containers'>

/**
 * Brings the database up to date, which it does by itself when it is opened. Running containers are stopped, and a plain user's
 * namespace ends with the process that kept it: the next command makes one with the ids that the user has by then.
 * @throws LibpodError SPEC_INVALID when there is no such runtime
 */
export async function migrateSystem(
  rooms: MigrateRooms,
  options: { readonly newRuntime?: string } = {},
): Promise<readonly ContainerId[]> {
  void rooms.state.database
  const { newRuntime } = options
  const runtime = newRuntime === undefined ? undefined : requested(rooms, newRuntime)
  const stopped: ContainerId[] = []
  for (const { id } of await rooms.containers.list()) {
    await rooms.containers.stop(id)
    stopped.push(id)
  }
  if (runtime !== undefined) moveTo(rooms, runtime)
  if (rooms.options.rootless === 'yes') endPause()
  return stopped
}

function requested({ config, host }: MigrateRooms, name: string): RuntimeChoice {
  try {
    return selectRuntime(name, config.engine, host)
  } catch (cause) {
    const text = `change to runtime ${JSON.stringify(name)} requested but no such runtime is defined: invalid argument`
    throw new LibpodError('SPEC_INVALID', text, { subject: name, cause })
  }
}

/** From its next start on, a container is another runtime's. */
function moveTo({ state }: MigrateRooms, { name, path }: RuntimeChoice): void {
  for (const { id, config } of state.containers.all())
    if (config.runtime !== path || config.runtimeName !== name)
      state.containers.setConfig(id, { ...config, runtime: path, runtimeName: name })
}
