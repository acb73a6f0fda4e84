import { ImageError } from '../../errors.ts'
import {
  type DockerReference,
  formatDockerReference,
  parseDockerReference,
  withDefaultTag,
} from '../../reference/docker-reference.ts'
import { explaining } from '../../reference/explaining.ts'
import { parseIndexNumber } from '../../reference/index-number.ts'

/** `path[:name[:tag]]` or, for reading, `path:@index`. */
export interface ArchiveName {
  readonly path: string
  readonly name?: DockerReference
  readonly index?: number
}

/** @throws ImageError REFERENCE_INVALID */
export function parseArchiveName(text: string): ArchiveName {
  if (text === '')
    throw new ImageError('REFERENCE_INVALID', "docker-archive reference  isn't of the form <path>[:<reference>]")
  const colon = text.indexOf(':')
  if (colon < 0) return { path: text }
  const path = text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (rest.startsWith('@')) return { path, index: parseIndexNumber(rest.slice(1), '') }
  return { path, name: parseTagged(rest) }
}

function parseTagged(text: string): DockerReference {
  const name = withDefaultTag(explaining('docker-archive parsing reference', () => parseDockerReference(text)))
  if (name.digest === undefined) return name
  const full = formatDockerReference(name)
  throw new ImageError(
    'REFERENCE_INVALID',
    name.tag === undefined
      ? `reference does not include a tag: ${full}`
      : `docker-archive doesn't support digest references: ${full}`,
  )
}

export const formatArchiveName = ({ path, name, index }: ArchiveName): string =>
  name !== undefined ? `${path}:${formatDockerReference(name)}` : index !== undefined ? `${path}:@${index}` : path
