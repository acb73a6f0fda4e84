import { isMainThread } from 'node:worker_threads'
import { bind, checked, cString, type Path } from './libc.ts'

const CLONE_FS = 0x200

const callUnshare = bind('unshare', 'int32', ['int32'])
const callChdir = bind('chdir', 'int32', ['pointer'])

/**
 * Gives the calling worker thread a working directory of its own, for calls whose paths must be short. For the rest of
 * the thread's life; refused on the main thread, whose directory every other thread shares.
 * @throws SyscallError; TypeError on the main thread
 */
export function threadDirectory(path: Path): void {
  if (isMainThread) throw new TypeError('threadDirectory is for worker threads')
  checked(callUnshare(CLONE_FS), 'unshare')
  checked(callChdir(cString(path)), 'chdir', path)
}
