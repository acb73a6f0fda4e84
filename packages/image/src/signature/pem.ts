import { decodeBase64 } from './base64.ts'

/** One block of textual encoding (RFC 7468). */
export interface PemBlock {
  readonly label: string
  readonly der: Buffer
  /** What follows it. */
  readonly rest: string
}

const beginning = '-----BEGIN '
const ending = '-----END '

/** The first block of a text that can be read, whatever stands before it. */
export function firstPemBlock(text: string): PemBlock | undefined {
  for (let rest = text; ; ) {
    const end = lineAt(rest, findLine(rest, ending), ending)
    if (end === undefined) return undefined
    const block = endOf(rest.slice(0, end.from), end.line)
    if (block !== undefined) return { ...block, rest: end.rest }
    rest = end.rest
  }
}

/** The block that a text ends with, when its label is the one told. */
function endOf(text: string, label: string): Omit<PemBlock, 'rest'> | undefined {
  const last = text.lastIndexOf(`\n${beginning}`) + 1
  const begin = lineAt(text, last > 0 ? last : findLine(text, beginning), beginning)
  const der = begin === undefined ? undefined : decodeBase64(begin.rest.replace(/[ \t]/g, ''))
  if (der === undefined || begin?.line !== label || !label.endsWith('-----')) return undefined
  return { label: label.slice(0, -5), der }
}

const findLine = (text: string, start: string): number =>
  text.startsWith(start) ? 0 : text.indexOf(`\n${start}`) + 1 || -1

interface Line {
  readonly from: number
  /** Without what it begins with and blanks at its end. */
  readonly line: string
  readonly rest: string
}

function lineAt(text: string, from: number, start: string): Line | undefined {
  if (from < 0) return undefined
  const end = text.indexOf('\n', from)
  const line = text.slice(from + start.length, end < 0 ? undefined : end)
  return { from, line: line.trimEnd(), rest: end < 0 ? '' : text.slice(end + 1) }
}

/** The blocks of a text in which nothing else stands behind them; undefined otherwise. */
export function onlyPemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = []
  for (let rest = text.trim(); rest !== ''; ) {
    const found = firstPemBlock(rest)
    if (found === undefined) return undefined
    blocks.push(found)
    rest = found.rest
  }
  return blocks
}
