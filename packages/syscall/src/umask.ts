import { isMainThread } from 'node:worker_threads'
import { bind } from './libc.ts'

const CLONE_FS = 0x200

const callUnshare = bind('unshare', 'int32', ['int32'])
const callUmask = bind('umask', 'uint32', ['uint32'])

/**
 * Gives the calling worker thread a umask of its own, for the rest of its life: `own` from then on. `shared` where that is
 * refused, as some sandboxes do, and on the main thread, whose umask every other thread shares; nothing has changed then.
 */
export function threadUmask(mask: number): 'own' | 'shared' {
  if (isMainThread || callUnshare(CLONE_FS) !== 0) return 'shared'
  callUmask(mask)
  return 'own'
}
