/** A piece of a container's output, as it came. */
export interface OutputRecord {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Buffer
}

/** conmon takes at most 32 KiB as one record, and loses what is beyond; half of it is safe everywhere. */
const largestPiece = 16 * 1024

const streams: Readonly<Record<number, OutputRecord['stream']>> = { 2: 'stdout', 3: 'stderr' }

/** A record of the attach socket: one byte naming the stream, then the output. */
export function parseRecord(record: Buffer): OutputRecord | undefined {
  const stream = streams[record[0] ?? 0]
  return stream === undefined ? undefined : { stream, bytes: record.subarray(1) }
}

/** Input cut into pieces that conmon takes whole. */
export function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += largestPiece) yield bytes.subarray(at, at + largestPiece)
}
