import { ImageError } from '../errors.ts'
import { containersStorage } from './containers-storage/reference.ts'
import { dir } from './dir/reference.ts'
import { docker } from './docker/reference.ts'
import { dockerArchive } from './docker-archive/reference.ts'
import { dockerDaemon } from './docker-daemon/reference.ts'
import { oci } from './oci/reference.ts'
import { ociArchive } from './oci-archive/reference.ts'
import { tarball } from './tarball/reference.ts'
import type { Reference, Transport } from './transport.ts'

/** Every transport that is built in; what it does is loaded when a reference is opened. */
export const transports: readonly Transport[] = [
  containersStorage,
  dir,
  docker,
  dockerArchive,
  dockerDaemon,
  oci,
  ociArchive,
  tarball,
]

/**
 * Reads `transport:name`. `more` are transports of the caller's own.
 * @throws ImageError TRANSPORT_UNKNOWN, REFERENCE_INVALID
 */
export function parseImageName(text: string, more: readonly Transport[] = []): Reference {
  const colon = text.indexOf(':')
  if (colon < 0) {
    throw new ImageError(
      'REFERENCE_INVALID',
      `Invalid image name ${JSON.stringify(text)}, expected colon-separated transport:reference`,
    )
  }
  const name = text.slice(0, colon)
  const transport = [...transports, ...more].find(candidate => candidate.name === name)
  if (transport === undefined) {
    throw new ImageError(
      'TRANSPORT_UNKNOWN',
      `Invalid image name ${JSON.stringify(text)}, unknown transport ${JSON.stringify(name)}`,
    )
  }
  return transport.parse(text.slice(colon + 1))
}

/** The whole name: `transport:name`. */
export const formatImageName = (reference: Reference): string => `${reference.transport}:${reference.text}`
