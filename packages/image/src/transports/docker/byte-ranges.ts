import type { Bytes } from '../../call.ts'
import type { Stretch } from '../../chunked/positions.ts'
import { ImageError } from '../../errors.ts'
import { BlockReader } from '../../tar/block-reader.ts'

/** Lines of one part's head, and what each may have, in bytes. */
const mostLines = 32
const longestLine = 1024

/** The boundary of a `multipart/byteranges` reply; undefined for another type. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, bare] =
    /^multipart\/byteranges\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? bare
}

/** What a `Content-Range` says; undefined for one that says nothing of use. */
export function contentRange(text: string): (Stretch & { readonly total: number | undefined }) | undefined {
  const [, first, last, total] = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15}|\*)$/i.exec(text.trim()) ?? []
  if (first === undefined) return undefined
  const [offset, length] = [Number(first), Number(last) - Number(first) + 1]
  return { offset, length, total: total === '*' ? undefined : Number(total) }
}

/**
 * The parts of a reply with several ranges (RFC 9110 §14.6), one after another: exactly the stretches that were asked for,
 * in that order. @throws ImageError REGISTRY_ERROR
 */
export async function* readByteRanges(body: Bytes, boundary: string, stretches: readonly Stretch[]): Bytes {
  await using reader = new BlockReader(body)
  for (const stretch of stretches) {
    const found = contentRange(await readHead(reader, boundary))
    if (found?.offset !== stretch.offset || found.length !== stretch.length)
      throw malformed('it answers with other ranges than were asked for')
    yield* reader.until(reader.position + stretch.length)
  }
  // The closing line, so that the connection can be used again.
  await reader.upTo(longestLine)
}

/** Passes the delimiter and gives the part's `Content-Range`. */
async function readHead(reader: BlockReader, boundary: string): Promise<string> {
  let lines = 0
  while ((await readLine(reader)).trimEnd() !== `--${boundary}`)
    if (++lines > mostLines) throw malformed('a part does not begin')
  let range = ''
  for (let line = await readLine(reader); line !== ''; line = await readLine(reader)) {
    if (++lines > mostLines) throw malformed('a part has too many headers')
    const [, name = '', value = ''] = /^([^:]+):(.*)$/.exec(line) ?? []
    if (name.toLowerCase() === 'content-range') range = value
  }
  return range
}

async function readLine(reader: BlockReader): Promise<string> {
  const line = await reader.line(longestLine)
  if (line === undefined) throw malformed('a part is cut short')
  return line.toString('latin1').replace(/\r$/, '')
}

const malformed = (why: string): ImageError =>
  new ImageError('REGISTRY_ERROR', `the registry sends parts badly: ${why}`)
