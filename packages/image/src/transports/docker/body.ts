import type { Bytes } from '../../call.ts'
import { ImageError } from '../../errors.ts'

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

/** Text from outside made fit for a message: control and direction characters are shown, not obeyed. */
export function quote(text: string, limit = 400): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
