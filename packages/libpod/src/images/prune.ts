import { removeBuildCache } from '../build/cache.ts'
import type { Call } from '../spec/call.ts'
import { volumeOfStorage } from '../volumes/image.ts'
import { imageTest } from './filters.ts'
import type { ImageWarning, PruneImageOptions } from './images.ts'
import { filterWorld } from './list.ts'
import { removeImages } from './remove.ts'
import type { ImageRooms } from './rooms.ts'

interface Pruned {
  readonly id: string
  readonly size: number
}

type Options = PruneImageOptions & Call<ImageWarning>

/**
 * Removes images without a name that nothing was made from (`which: 'all'`: every image that no container uses), repeating
 * while that sets further ones free. @throws LibpodError SPEC_INVALID
 */
export async function pruneImages(rooms: ImageRooms, options: Options = {}): Promise<readonly Pruned[]> {
  const pruned: Pruned[] = []
  for (;;) {
    const candidates = (await prunable(rooms, options)).filter(({ id }) => !pruned.some(each => each.id === id))
    if (candidates.length === 0) break
    if (options.dryRun === 'yes') return [...pruned, ...candidates]
    if (options.external === 'yes') for (const { id } of candidates) await removeExternalUsers(rooms, id)
    const done = await removeEach(rooms, candidates, options)
    pruned.push(...done)
    if (done.length === 0) break
  }
  if (options.dryRun !== 'yes' && (options.buildCache === 'yes' || options.which === 'all')) removeBuildCache()
  if (pruned.length > 0) await rooms.events.write({ type: 'image', status: 'prune' })
  return pruned
}

async function prunable(rooms: ImageRooms, options: PruneImageOptions): Promise<readonly Pruned[]> {
  const standing: Record<string, readonly string[]> =
    options.which === 'all' ? { containers: ['false'] } : { dangling: ['true'] }
  const filters = { ...options.filters, ...standing, readonly: ['false'] }
  const world = await filterWorld(rooms, filters)
  const test = await imageTest(filters, world)
  const found: Pruned[] = []
  for (const image of world.catalog.images)
    if (await test(image)) found.push({ id: image.id, size: world.catalog.size(image) })
  return found
}

/** Only what is really gone is told; an image that came into use meanwhile stays. */
async function removeEach(
  rooms: ImageRooms,
  candidates: readonly Pruned[],
  { onProgress }: Call<ImageWarning>,
): Promise<readonly Pruned[]> {
  const done: Pruned[] = []
  for (const candidate of candidates) {
    const { deleted } = await removeImages(rooms, [candidate.id], {
      inUse: 'refuse',
      missing: 'ignore',
      parents: 'keep',
      ...(onProgress && { onProgress }),
    })
    const names = (await (await rooms.store()).images.get(candidate.id))?.names ?? []
    const forced = deleted.length > 0 ? deleted : await removeByNames(rooms, candidate.id, names)
    if (forced.includes(candidate.id)) done.push(candidate)
  }
  return done
}

/** An image with several names does not go by its id: its names are taken one by one. */
async function removeByNames(rooms: ImageRooms, id: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.length < 2) return []
  const users = (await (await rooms.store()).containers.list()).some(container => container.image === id)
  return users ? [] : (await removeImages(rooms, names, { missing: 'ignore', parents: 'keep' })).deleted
}

/** Containers of other tools (build containers) go with the image that they keep; a volume's stays. */
async function removeExternalUsers(rooms: ImageRooms, image: string): Promise<void> {
  const store = await rooms.store()
  for (const container of await store.containers.list()) {
    if (container.image !== image || (await rooms.containers.exists(container.id))) continue
    if (await volumeOfStorage(rooms, container.id)) continue
    await store.containers.remove(container.id)
  }
}
