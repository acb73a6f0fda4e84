import type { LogEntry } from './entry.ts'

const space = 0x20
const partialTag = 0x50 // P
const letterE = 0x65

/**
 * A line of a k8s-file log, without its newline: `<time> <stream> <F or P> <message>`.
 * Nothing is given for a line that is no such line.
 */
export function parseK8sLine(line: Buffer): LogEntry | undefined {
  const timeEnd = line.indexOf(space)
  const streamEnd = line.indexOf(space, timeEnd + 1)
  // Both streams' names have six letters, and the tag has one.
  if (timeEnd < 20 || streamEnd !== timeEnd + 7 || line[streamEnd + 2] !== space) return undefined
  return {
    time: line.toString('latin1', 0, timeEnd),
    stream: line[timeEnd + 4] === letterE ? 'stderr' : 'stdout',
    partial: line[streamEnd + 1] === partialTag,
    message: line.subarray(streamEnd + 3),
  }
}

/** The line of an entry, with its newline. */
export function formatK8sLine({ time, stream, partial, message }: LogEntry): Buffer {
  return Buffer.concat([Buffer.from(`${time} ${stream} ${partial ? 'P' : 'F'} `), message, Buffer.from('\n')])
}
