import { closeSync, constants, openSync } from 'node:fs'
import { mount, O_PATH, threadDirectory } from '@libpod/syscall'
import { StorageError } from '../../errors.ts'
import { type OverlayLayers, overlayData } from './mount-options.ts'

/** A mount whose options are longer than a page. */
export interface DeepMount {
  readonly target: string
  readonly flags: number
  readonly layers: OverlayLayers
  readonly own: readonly string[]
  readonly label: string | undefined
}

const longestData = 4095

/**
 * Mounts with descriptors' numbers for lower directories, relative to /proc/self/fd. Only in a worker thread.
 * @throws SyscallError; StorageError DRIVER_UNSUPPORTED when even that is too long
 */
export function mountDeep(request: DeepMount): void {
  const fds = request.layers.lowers.map(lower => openSync(lower, O_PATH | constants.O_DIRECTORY))
  try {
    const data = overlayData({ ...request.layers, lowers: fds.map(String) }, request.own, request.label)
    if (Buffer.byteLength(data) > longestData) throw tooDeep(request)
    threadDirectory('/proc/self/fd')
    mount('overlay', request.target, 'overlay', request.flags, data)
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

function tooDeep(request: DeepMount): StorageError {
  const text = `mounting ${request.layers.lowers.length} layers needs more than a page of options`
  return new StorageError('DRIVER_UNSUPPORTED', text, { subject: request.target })
}
