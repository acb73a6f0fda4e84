import { readFile } from 'node:fs/promises'
import type { SeccompProfile } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import type { StartFacts } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'

/** The label of an image with a profile of its own, honoured only when the caller asks for it (`--seccomp-policy image`). */
const imageLabel = 'io.containers.seccomp.profile'

/** The system calls that a container may make: the caller's choice, the image's when that is it, else the configured profile. @throws LibpodError SPEC_INVALID */
export async function seccompFor(
  rooms: Pick<Rooms, 'config' | 'images'>,
  { config }: ContainerRecord,
): Promise<StartFacts['seccomp']> {
  const { seccomp, seccompPolicy } = config.spec.security ?? {}
  if (seccompPolicy === 'image') return profileOfImage(rooms, config.imageId)
  const chosen = seccomp ?? rooms.config.containers.seccompProfile
  if (chosen === 'unconfined') return chosen
  return chosen ? profileOfFile(chosen) : undefined
}

async function profileOfImage({ images }: Pick<Rooms, 'images'>, imageId: string): Promise<StartFacts['seccomp']> {
  const { config } = await images.lookup(imageId)
  const text = config.labels[imageLabel]
  if (text !== undefined && text !== '') return parseProfile(text, 'of the image')
  throw new LibpodError('SPEC_INVALID', 'no seccomp policy in the image', { subject: imageId })
}

async function profileOfFile(path: string): Promise<StartFacts['seccomp']> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new LibpodError('SPEC_INVALID', `opening seccomp profile failed: ${cause.message}`, { subject: path, cause })
  })
  return parseProfile(text, path)
}

function parseProfile(text: string, name: string): StartFacts['seccomp'] {
  try {
    return { profile: JSON.parse(text) as SeccompProfile }
  } catch (cause) {
    const reason = (cause as Error).message
    throw new LibpodError('SPEC_INVALID', `decoding seccomp profile ${name} failed: ${reason}`, {
      subject: name,
      cause,
    })
  }
}
