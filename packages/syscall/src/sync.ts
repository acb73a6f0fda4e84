import { addressOf, bind, checked } from './libc.ts'

const callSyncfs = bind('syncfs', 'int32', ['int32'])
const createThread = bind('pthread_create', 'int32', ['pointer', 'pointer', 'pointer', 'pointer'])
const detachThread = bind('pthread_detach', 'int32', ['uint64'])

/** Writes everything of the file system that an open file lies in to its device (syncfs(2)). Blocks. @throws SyscallError EIO, ENOSPC */
export function syncfs(fd: number): void {
  checked(callSyncfs(fd), 'syncfs')
}

/**
 * Has the same begun by a thread that runs nothing but syncfs(2), and waits for nothing: a thread of JavaScript's takes
 * some ten megabytes. Where no thread can be had nothing is begun. How it went is told to whoever calls {@link syncfs} with a
 * description of an open file of its own.
 */
export function beginSyncfs(fd: number): void {
  const thread = Buffer.alloc(8)
  const failure: number = createThread(thread, null, addressOf('syncfs'), BigInt(fd))
  if (failure === 0) detachThread(thread.readBigUInt64LE())
}
