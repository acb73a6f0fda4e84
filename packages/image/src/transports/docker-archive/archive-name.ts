import { ImageError } from '../../errors.ts'
import {
  type DockerReference,
  formatDockerReference,
  parseDockerReference,
  withDefaultTag,
} from '../../reference/docker-reference.ts'
import { parseIndexNumber } from '../oci/layout-name.ts'

/** `path[:name[:tag]]` or, for reading, `path:@index`. */
export interface ArchiveName {
  readonly path: string
  readonly name?: DockerReference
  readonly index?: number
}

/** @throws ImageError REFERENCE_INVALID */
export function parseArchiveName(text: string): ArchiveName {
  if (text === '')
    throw new ImageError(
      'REFERENCE_INVALID',
      'docker-archive reference is empty: it must be of the form <path>[:<reference>]',
    )
  const colon = text.indexOf(':')
  if (colon < 0) return { path: text }
  const path = text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (rest.startsWith('@')) return { path, index: parseIndexNumber(rest.slice(1), text) }
  const name = withDefaultTag(parseDockerReference(rest))
  if (name.digest !== undefined) {
    throw new ImageError('REFERENCE_INVALID', `docker-archive doesn't support digest references: ${rest}`)
  }
  return { path, name }
}

export const formatArchiveName = ({ path, name, index }: ArchiveName): string =>
  name !== undefined ? `${path}:${formatDockerReference(name)}` : index !== undefined ? `${path}:@${index}` : path
