import { access } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { gpgSigner, type LookasideSigning, parseImageName, type Reference, signIntoLookaside } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import type { SignImageOptions } from './images.ts'
import { locateImage } from './lookup.ts'
import { tryParse } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { accessOf, stored } from './transfer.ts'

/**
 * Signs what a transport name stands for, as `podman image sign` does.
 * @throws LibpodError IMAGE_UNKNOWN, SPEC_INVALID; ImageError SIGNING_FAILED
 */
export async function signImage(rooms: ImageRooms, name: string, options: SignImageOptions & Call): Promise<void> {
  if (options.directory !== undefined) await access(options.directory)
  const signing: LookasideSigning = {
    signer: gpgSigner(options.signBy),
    instances: options.instances ?? 'named',
    access: accessOf(rooms, options),
    ...(options.directory !== undefined && { directory: pathToFileURL(options.directory) }),
  }
  await signIntoLookaside(await referenceOf(rooms, name), signing, options.signal ? { signal: options.signal } : {})
}

/** Names of the store without a store of their own mean this engine's. */
async function referenceOf(rooms: ImageRooms, name: string): Promise<Reference> {
  const inStore = 'containers-storage:'
  if (!name.startsWith(inStore) || name.startsWith(`${inStore}[`)) return parseImageName(name)
  const { record, resolvedName } = await locateImage(rooms, name.slice(inStore.length), { lists: 'list' })
  const reference = tryParse(resolvedName) ?? tryParse(record.names[0] ?? '')
  if (reference === undefined)
    throw new LibpodError('SPEC_INVALID', `cannot determine canonical Docker reference for destination ${name}`, {
      subject: name,
    })
  return stored(rooms, { id: record.id, name: reference })
}
