import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** What an OCI runtime adds to its log from a moment on; earlier failures are not this one's. */
export interface OciLog {
  text(): string
}

/** A runtime's last words stand at the end; more of a log gone wild is not read. */
const longest = 1 << 20

export function ociLog(file: string | undefined): OciLog {
  const from = sizeOf(file)
  return { text: () => (file === undefined ? '' : readFrom(file, Math.max(from, sizeOf(file) - longest))) }
}

const sizeOf = (file: string | undefined): number =>
  file === undefined ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)

function readFrom(file: string, position: number): string {
  try {
    const fd = openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(longest)
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, longest, position))
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
