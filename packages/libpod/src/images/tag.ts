import { LibpodError } from '../errors.ts'
import { locateImage } from './lookup.ts'
import { newName, tryParse } from './names.ts'
import type { ImageRooms } from './rooms.ts'

/** Gives an image more names; another image that has one loses it. @throws LibpodError IMAGE_UNKNOWN, NAME_INVALID */
export async function tagImage(rooms: ImageRooms, name: string, newNames: readonly string[]): Promise<void> {
  const store = await rooms.store()
  const { record } = await locateImage(rooms, name, { lists: 'list' })
  const names = newNames.map(each => nameFor(each, 'tag'))
  // One after the other, each before those that were there.
  await store.images.addNames(record.id, names.toReversed())
  for (const each of newNames) await rooms.events.write({ type: 'image', status: 'tag', id: record.id, name: each })
}

/** Takes names away, all of them when none is given. @throws LibpodError IMAGE_UNKNOWN, NAME_INVALID */
export async function untagImage(rooms: ImageRooms, name: string, names: readonly string[]): Promise<void> {
  const store = await rooms.store()
  const { record } = await locateImage(rooms, name, { lists: 'list' })
  const gone = names.length === 0 ? record.names : names.map(each => nameFor(each, 'untag'))
  for (const each of gone) {
    if (!record.names.includes(each)) throw new LibpodError('NAME_INVALID', `${each}: tag not known`, { subject: each })
  }
  await store.images.removeNames(record.id, gone)
  for (const each of gone) await rooms.events.write({ type: 'image', status: 'untag', id: record.id, name: each })
}

function nameFor(text: string, verb: 'tag' | 'untag'): string {
  const name = text.startsWith('sha256:') ? undefined : newName(text)
  const digested = name === undefined || (verb === 'tag' && tryParse(name)?.digest !== undefined)
  if (digested) throw new LibpodError('NAME_INVALID', `${text}: ${verb} by digest not supported`, { subject: text })
  return name
}
