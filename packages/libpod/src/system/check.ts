import type { ImageRecord, Layer, Store } from '@libpod/storage'
import { configKey } from '../images/stored-image.ts'
import type { Call } from '../spec/call.ts'
import type { SystemRooms } from './rooms.ts'
import type { System } from './system.ts'

type Options = Parameters<System['check']>[0] & Call

/** A thing of the store that is not as its record says. */
interface Damage {
  readonly text: string
  readonly image?: ImageRecord
  readonly container?: string
}

/**
 * Looks through the store: every image has its layers and documents, every container its layer. Repairing removes damaged images,
 * and with `lossy` the containers that stand on them. What was found, a line each.
 */
export async function checkSystem(rooms: SystemRooms, { repair, signal }: Options): Promise<readonly string[]> {
  const store = await rooms.store()
  const damages = await findDamage(store, signal)
  if (repair !== 'no') await mend(rooms, store, { damages, repair })
  return damages.map(({ text }) => text)
}

async function findDamage(store: Store, signal: AbortSignal | undefined): Promise<readonly Damage[]> {
  const layers = new Map((await store.layers.list()).map(layer => [layer.id, layer]))
  const damages: Damage[] = []
  for (const image of await store.images.list()) {
    signal?.throwIfAborted()
    const missing = missingLayer(layers, image.layer)
    if (missing !== undefined) damages.push({ text: `image ${image.id}: layer ${missing} is missing`, image })
    else damages.push(...(await damagedDocuments(store, image)))
  }
  for (const { id, layer, image } of await store.containers.list()) {
    if (missingLayer(layers, layer) !== undefined)
      damages.push({ text: `container ${id}: layer ${layer} is missing`, container: id })
    else if (image !== '' && !(await store.images.get(image)))
      damages.push({ text: `container ${id}: image ${image} is missing`, container: id })
  }
  return damages
}

function missingLayer(layers: ReadonlyMap<string, Layer>, top: string | undefined): string | undefined {
  for (let id = top; id !== undefined && id !== ''; ) {
    const layer = layers.get(id)
    if (!layer) return id
    id = layer.parent
  }
  return undefined
}

async function damagedDocuments(store: Store, image: ImageRecord): Promise<readonly Damage[]> {
  const damages: Damage[] = []
  for (const key of new Set([...image.bigDataNames, ...(image.layer === undefined ? [] : [configKey(image)])])) {
    const data = await store.images.bigData(image.id, key).catch(() => undefined)
    const size = image.bigDataSizes[key]
    if (data === undefined)
      damages.push({ text: `image ${image.id}: data item ${JSON.stringify(key)} is missing`, image })
    else if (size !== undefined && data.length !== size)
      damages.push({
        text: `image ${image.id}: data item ${JSON.stringify(key)} has ${data.length} bytes instead of ${size}`,
        image,
      })
  }
  return damages
}

async function mend(
  rooms: SystemRooms,
  store: Store,
  { damages, repair }: { readonly damages: readonly Damage[]; readonly repair: 'yes' | 'lossy' },
): Promise<void> {
  const lossy = repair === 'lossy'
  for (const { container } of damages)
    if (lossy && container !== undefined) await removeContainer(rooms, store, container)
  for (const id of new Set(damages.flatMap(({ image }) => image?.id ?? []))) {
    const users = (await store.containers.list()).filter(each => each.image === id)
    if (users.length > 0 && !lossy) continue
    for (const user of users) await removeContainer(rooms, store, user.id)
    await store.images.remove(id)
  }
}

async function removeContainer(rooms: SystemRooms, store: Store, id: string): Promise<void> {
  if (await rooms.containers.exists(id))
    await rooms.containers.remove(id, { running: 'kill', dependents: 'remove', timeout: 0 })
  else await store.containers.remove(id)
}
