import type { Bytes } from '../call.ts'
import { unfit } from './positions.ts'

/** A piece of a tar-split record: structure as it is, or a member whose content, `size` bytes, belongs there. */
export type TarSplitPiece =
  | { readonly kind: 'structure'; readonly bytes: Buffer }
  | { readonly kind: 'member'; readonly size: number }

/** A line holds structure of at most a mebibyte, in base64. */
const longestLine = 4 * 1024 * 1024

/** Reads a tar-split record (vbatts/tar-split, tar/storage), of at most `limit` bytes. @throws ImageError COPY_UNSUPPORTED */
export async function* readTarSplit(record: Bytes, limit: number): AsyncGenerator<TarSplitPiece> {
  let rest = ''
  let left = limit
  const decoder = new TextDecoder()
  for await (const bytes of record) {
    left -= bytes.length
    if (left < 0) throw unfit('the tar-split record is longer than was said')
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw unfit('the tar-split record has a line without end')
    for (const line of lines) if (line !== '') yield readLine(line)
  }
  if (rest !== '') yield readLine(rest)
}

function readLine(line: string): TarSplitPiece {
  const { type, size = 0, payload } = parse(line)
  if (type === 2 && typeof payload === 'string') return { kind: 'structure', bytes: Buffer.from(payload, 'base64') }
  if (type === 1 && Number.isSafeInteger(size) && (size as number) >= 0) return { kind: 'member', size: size as number }
  throw unfit('the tar-split record has a line that is none')
}

function parse(line: string): { readonly type?: unknown; readonly size?: unknown; readonly payload?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { readonly type?: unknown }
  } catch {
    throw unfit('the tar-split record is not JSON')
  }
}
