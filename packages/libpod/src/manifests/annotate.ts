import { basename } from 'node:path'
import { type Digest, isDigest, readManifest } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { ImageRooms } from '../images/rooms.ts'
import type { Call } from '../spec/call.ts'
import { describeSubject } from './artifact.ts'
import { findImage } from './find-image.ts'
import { changeEntry, changeIndex, withoutEntry } from './list.ts'
import type { ListChanges } from './manifests.ts'
import { editList, loadList, locateList } from './record.ts'

const entryOnly = {
  architecture: 'architecture',
  features: 'features',
  os: 'OS',
  osFeatures: 'OS features',
  osVersion: 'OS version',
  variant: 'variant',
} as const

/** @throws LibpodError SPEC_INVALID, IMAGE_UNKNOWN */
export async function annotateList(
  rooms: ImageRooms,
  name: string,
  instance: string | undefined,
  changes: ListChanges & Call,
): Promise<string> {
  if (instance === undefined) return annotateWhole(rooms, name, changes)
  if (changes.subject)
    throw new LibpodError('SPEC_INVALID', 'setting subject for a manifest list requires no instance digest')
  const digest = await findEntry(rooms, name, instance)
  return editList(rooms, name, list => ({ ...list, index: changeEntry(list.index, digest, changes) }))
}

async function annotateWhole(rooms: ImageRooms, name: string, changes: ListChanges & Call): Promise<string> {
  for (const [key, word] of Object.entries(entryOnly) as [keyof typeof entryOnly, string][]) {
    if ((changes[key] ?? '').length > 0)
      throw new LibpodError('SPEC_INVALID', `setting ${word} on an item in a manifest list requires an instance digest`)
  }
  const { annotations, subject: about, signal } = changes
  const subject = about ? await describeSubject(rooms, about, signal ? { signal } : {}) : undefined
  return editList(rooms, name, list => ({
    ...list,
    index: changeIndex(list.index, { ...(annotations && { annotations }), ...(subject && { subject }) }),
  }))
}

/** An entry by digest, by a file of its artifact, or by an image's name. */
async function findEntry(rooms: ImageRooms, name: string, instance: string): Promise<Digest> {
  if (isDigest(instance)) return instance
  const { artifacts } = await loadList(await rooms.store(), await locateList(rooms, name))
  for (const [digest, { files }] of artifacts) {
    if (files.includes(instance) || files.some(file => basename(file) === basename(instance))) return digest
  }
  try {
    const reference = await findImage(rooms, instance, { access: {}, lists: 'list', what: 'image' })
    return (await readManifest(reference)).digest
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new LibpodError('SPEC_INVALID', `finding instance for ${JSON.stringify(instance)}: ${why}`, {
      subject: instance,
      cause,
    })
  }
}

/** @throws LibpodError SPEC_INVALID */
export async function removeInstance(rooms: ImageRooms, name: string, digest: string): Promise<string> {
  if (!isDigest(digest))
    throw new LibpodError(
      'SPEC_INVALID',
      `invalid image digest ${JSON.stringify(digest)}: invalid checksum digest format`,
    )
  return editList(rooms, name, list => {
    const instances = new Map(list.instances)
    instances.delete(digest)
    return { ...list, instances, index: withoutEntry(list.index, digest) }
  })
}
