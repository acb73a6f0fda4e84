import type { RemoveImageReport } from '@libpod/libpod'
import { codeOf, engineFailed, judge } from '../exit-codes.ts'
import type { Terminal } from '../terminal.ts'

/** Prints what became of images that were to go; the exit status. */
export function tellRemoved({ untagged, deleted, errors }: RemoveImageReport, io: Terminal): number {
  io.out([...untagged.map(name => `Untagged: ${name}\n`), ...deleted.map(id => `Deleted: ${id}\n`)].join(''))
  const messages = errors.map(error => judge(error).message ?? '')
  if (messages.length === 1) io.err(`Error: ${messages[0]}\n`)
  if (messages.length > 1)
    io.err(`Error: ${messages.length} errors occurred:\n${messages.map(text => `\t* ${text}\n`).join('')}\n\n`)
  return statusOf(errors)
}

/** podman-rmi(1): 1 when an image did not exist and nothing else went wrong, 2 when one is in use. */
function statusOf(errors: readonly Error[]): number {
  if (errors.length === 0) return 0
  const codes = errors.map(codeOf)
  if (codes.some(code => code !== 'IMAGE_UNKNOWN' && code !== 'IMAGE_IN_USE')) return engineFailed
  return codes.includes('IMAGE_IN_USE') ? 2 : 1
}
