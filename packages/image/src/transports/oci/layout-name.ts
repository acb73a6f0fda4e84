import { ImageError } from '../../errors.ts'

/** `path[:name]` or, for reading, `path:@index`: where a layout is and which of its images is meant. */
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
  if (path === '') throw new ImageError('REFERENCE_INVALID', `invalid reference ${JSON.stringify(text)}: path is empty`)
  if (image === '') return { path }
  if (image.startsWith('@')) return { path, index: parseIndexNumber(image.slice(1), text) }
  if (image.length > 1024 || !namePattern.test(image)) {
    throw new ImageError('REFERENCE_INVALID', `Invalid image ${JSON.stringify(image)}`)
  }
  return { path, image }
}

/** @throws ImageError REFERENCE_INVALID */
export function parseIndexNumber(digits: string, text: string): number {
  if (/^[0-9]{1,9}$/.test(digits)) return Number(digits)
  throw new ImageError(
    'REFERENCE_INVALID',
    `Invalid source index @${digits} in ${JSON.stringify(text)}: not a non-negative integer`,
  )
}

export const formatLayoutName = ({ path, image, index }: LayoutName): string =>
  image !== undefined ? `${path}:${image}` : index !== undefined ? `${path}:@${index}` : `${path}:`
