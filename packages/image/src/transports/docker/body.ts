import type { Bytes } from '../../call.ts'
import { ImageError, printable } from '../../errors.ts'

/** Reads a body whole, at most `limit` bytes. @throws ImageError SIZE_EXCEEDED */
export async function readBody(body: Bytes, limit: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new ImageError('SIZE_EXCEEDED', `${what} is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Text from outside made fit for a message: not too long, and nothing a terminal obeys. */
export const quote = (text: string, limit = 400): string =>
  printable(text.length > limit ? `${text.slice(0, limit)}…` : text)
