import type { ImageRooms } from './rooms.ts'

/** A container of the store that stands on an image. */
export interface ImageUser {
  readonly id: string
  readonly external: 'yes' | 'no' | 'unknown'
}

/**
 * Containers by the id of their image. Telling our own from other tools' (`external`) costs a look into the engine's state,
 * so it is done only where it matters.
 */
export async function usersOf(
  rooms: ImageRooms,
  options: { readonly external: 'told-apart' | 'unknown' } = { external: 'unknown' },
): Promise<ReadonlyMap<string, readonly ImageUser[]>> {
  const store = await rooms.store()
  const containers = (await store.containers.list()).filter(each => each.image !== '')
  const users = await Promise.all(
    containers.map(async ({ id, image }) => ({ id, image, external: await isExternal(rooms, id, options.external) })),
  )
  return Map.groupBy(users, user => user.image)
}

async function isExternal(
  rooms: ImageRooms,
  id: string,
  how: 'told-apart' | 'unknown',
): Promise<ImageUser['external']> {
  if (how === 'unknown') return 'unknown'
  return (await rooms.containers.exists(id)) ? 'no' : 'yes'
}
