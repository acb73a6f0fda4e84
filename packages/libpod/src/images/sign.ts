import { access } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { gpgSigner, type LookasideSigning, parseImageName, signIntoLookaside } from '@libpod/image'
import type { Call } from '../spec/call.ts'
import type { SignImageOptions } from './images.ts'
import type { ImageRooms } from './rooms.ts'
import { storedReference } from './stored-reference.ts'
import { accessOf } from './transfer.ts'

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
  const reference = (await storedReference(rooms, name)) ?? parseImageName(name)
  await signIntoLookaside(reference, signing, options.signal ? { signal: options.signal } : {})
}
