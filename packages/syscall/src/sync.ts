import { bind, checked, functionAddress } from './libc.ts'

const callSyncfs = bind('syncfs', 'int32', ['int32'])
const createThread = bind('pthread_create', 'int32', ['pointer', 'pointer', 'pointer', 'pointer'])
const tryJoin = bind('pthread_tryjoin_np', 'int32', ['uint64', 'pointer'])

/** Writes everything of the file system that an open file lies in to its device (syncfs(2)). Blocks. @throws SyscallError EIO, ENOSPC */
export function syncfs(fd: number): void {
  checked(callSyncfs(fd), 'syncfs')
}

/** A sync that nobody waits for. */
export interface BegunSync {
  /** Whether it is over: only then may the descriptor be closed, whose number another file could get. */
  ended(): boolean
}

const EBUSY = 16

/**
 * Has the same begun by a thread that runs nothing but syncfs(2), and waits for nothing: a thread of JavaScript's takes
 * some ten megabytes. Where no thread can be had nothing is begun. How it went is told to whoever calls {@link syncfs} with a
 * description of an open file of its own. Must be asked whether it has ended, until it has.
 */
export function beginSyncfs(fd: number): BegunSync {
  const thread = Buffer.alloc(8)
  const failure: number = createThread(thread, null, functionAddress('syncfs'), BigInt(fd))
  let running = failure === 0
  return {
    ended: () => {
      if (running) running = (tryJoin(thread.readBigUInt64LE(), null) as number) === EBUSY
      return !running
    },
  }
}
