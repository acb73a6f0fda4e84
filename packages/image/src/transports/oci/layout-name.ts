import { ImageError } from '../../errors.ts'
import { parseIndexNumber } from '../../reference/index-number.ts'

/** `path[:name]` or, for reading, `path:@index`: where a layout is and which of its images is meant. Without a path nothing can be written. */
export interface LayoutName {
  readonly path: string
  readonly image?: string
  readonly index?: number
}

const namePattern =
  /^(?:[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)(?:\/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*$/

/** @throws ImageError REFERENCE_INVALID */
export function parseLayoutName(text: string): LayoutName {
  const colon = text.indexOf(':')
  const path = colon < 0 ? text : text.slice(0, colon)
  const image = colon < 0 ? '' : text.slice(colon + 1)
  if (image === '') return { path }
  if (image.startsWith('@')) return { path, index: parseIndexNumber(image.slice(1), 'not an integer: ') }
  if (image.length > 1024 || !namePattern.test(image)) {
    throw new ImageError('REFERENCE_INVALID', `Invalid image ${image.slice(0, 1100)}`)
  }
  return { path, image }
}

export const formatLayoutName = ({ path, image, index }: LayoutName): string =>
  image !== undefined ? `${path}:${image}` : index !== undefined ? `${path}:@${index}` : `${path}:`
