import { rm } from 'node:fs/promises'
import { Lockfile } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import { listNetworks } from './list.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { NetworkRecord } from './networks.ts'
import { type NetworkRooms, networkBackend, settingsOf } from './rooms.ts'

/** Removes a network's file and bridge; with `users: 'remove'` its containers first. @throws LibpodError NETWORK_UNKNOWN, NETWORK_IN_USE */
export async function removeNetwork(
  rooms: NetworkRooms,
  name: string,
  options: { readonly users?: 'refuse' | 'remove'; readonly timeout?: number } = {},
): Promise<void> {
  const { record } = findNetwork(await loadNetworks(settingsOf(rooms)), name)
  refuseDefault(rooms, record)
  const users = rooms.state.containers.usersOfNetwork(record.name)
  if (users.length > 0 && options.users !== 'remove') {
    const text = `${JSON.stringify(name)} has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`
    throw new LibpodError('NETWORK_IN_USE', text, { subject: record.name })
  }
  const timeout = options.timeout === undefined ? {} : { timeout: options.timeout }
  for (const id of users)
    await rooms.containers.remove(id, {
      running: 'kill',
      volumes: 'remove-anonymous',
      dependents: 'remove',
      ...timeout,
    })
  await forget(rooms, record)
}

function refuseDefault(rooms: NetworkRooms, { name }: NetworkRecord): void {
  if (name !== settingsOf(rooms).defaultNetwork) return
  throw new LibpodError('SPEC_INVALID', `default network ${name} cannot be removed`, { subject: name })
}

async function forget(rooms: NetworkRooms, record: NetworkRecord): Promise<void> {
  const settings = settingsOf(rooms)
  await new Lockfile(settings.lockPath).hold('write', async () => {
    const known = (await loadNetworks(settings)).get(record.name)
    if (known) await (await networkBackend(rooms)).forget(known.record)
    if (known?.path !== undefined) await rm(known.path, { force: true })
  })
  await rooms.events.write({
    type: 'network',
    status: 'remove',
    id: record.id,
    network: record.name,
    attributes: { driver: record.driver },
  })
}

/** Removes every network but the default one that no container uses. Their names. @throws LibpodError SPEC_INVALID */
export async function pruneNetworks(rooms: NetworkRooms, filters: Filters = {}): Promise<readonly string[]> {
  const unused = await listNetworks(rooms, { ...filters, dangling: ['true'] })
  for (const record of unused) await forget(rooms, record)
  return unused.map(({ name }) => name)
}
