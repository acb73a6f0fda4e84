/**
 * Names in archives are bytes, not text. They are carried in strings with one character per byte (latin1), which makes
 * them cheap to cut, compare and use as keys, and loses nothing.
 */
export type ByteString = string

export const toBytes = (text: ByteString): Buffer => Buffer.from(text, 'latin1')
export const fromBytes = (bytes: Uint8Array): ByteString =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** For messages: what a person would read. */
export const shown = (text: ByteString): string => JSON.stringify(toBytes(text).toString().slice(0, 200))
