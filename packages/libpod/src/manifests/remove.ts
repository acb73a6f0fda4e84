import { LibpodError } from '../errors.ts'
import type { RemoveImageReport } from '../images/images.ts'
import { removeImages } from '../images/remove.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { locateList } from './record.ts'

/** Removes lists by name or id, and nothing that is no list; goes on after a failure and reports it. */
export async function removeLists(
  rooms: ImageRooms,
  names: readonly string[],
  options: { readonly missing?: 'refuse' | 'ignore' } = {},
): Promise<RemoveImageReport> {
  const errors: Error[] = []
  const lists: string[] = []
  for (const name of names) {
    await locateList(rooms, name).then(
      () => lists.push(name),
      (error: Error) => {
        const isMissing = error instanceof LibpodError && error.code === 'IMAGE_UNKNOWN'
        if (!isMissing || options.missing !== 'ignore') errors.push(error)
      },
    )
  }
  const report = await removeImages(rooms, lists)
  return { ...report, errors: [...errors, ...report.errors] }
}

/** @throws LibpodError IMAGE_INVALID when the image is no list */
export async function listExists(rooms: ImageRooms, name: string): Promise<boolean> {
  return locateList(rooms, name).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LibpodError && error.code === 'IMAGE_UNKNOWN') return false
      throw error
    },
  )
}
