import { refused } from './check-payload.ts'

/** One element of distinguished encoding (X.690 §10). */
export interface Element {
  readonly tag: number
  readonly content: Buffer
  /** With its tag and length. */
  readonly raw: Buffer
}

/** The elements that bytes are made of. @throws ImageError SIGNATURE_INVALID */
export function elements(der: Buffer): readonly Element[] {
  const found: Element[] = []
  for (let rest = der; rest.length > 0; ) {
    const element = first(rest)
    found.push(element)
    rest = rest.subarray(element.raw.length)
  }
  return found
}

/** The one element that bytes are. @throws ImageError SIGNATURE_INVALID */
export function onlyElement(der: Buffer, tag?: number): Element {
  const element = first(der)
  if (element.raw.length !== der.length || (tag !== undefined && element.tag !== tag)) throw malformed()
  return element
}

function first(der: Buffer): Element {
  const [tag, short = 0] = der
  if (tag === undefined || der.length < 2 || (tag & 0x1f) === 0x1f) throw malformed()
  const bytes = short < 0x80 ? 0 : short & 0x7f
  const head = 2 + bytes
  if (bytes > 3 || short === 0x80 || der.length < head) throw malformed()
  const length = bytes === 0 ? short : der.readUIntBE(2, bytes)
  if ((bytes > 0 && length < Math.max(0x80, 2 ** (8 * (bytes - 1)))) || der.length < head + length) throw malformed()
  return { tag, content: der.subarray(head, head + length), raw: der.subarray(0, head + length) }
}

/** An object identifier's content in dotted form (X.690 §8.19). */
export function readOid(content: Buffer): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 0x80 + (byte & 0x7f)
    if (!Number.isSafeInteger(number)) throw malformed()
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [head, ...rest] = numbers
  if (head === undefined || (content.at(-1) ?? 0) >= 0x80) throw malformed()
  const top = Math.min(2, Math.floor(head / 40))
  return [top, head - top * 40, ...rest].join('.')
}

const malformed = (): Error => refused('a certificate is not well-formed')
