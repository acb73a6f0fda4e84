import { errno, fcntl, SyscallError } from './libc.ts'

const F_OFD_SETLK = 37
const F_RDLCK = 0
const F_WRLCK = 1
const F_UNLCK = 2
const EINTR = 4
const EAGAIN = 11
const EACCES = 13

/** struct flock: the type, then a range of zeros, which is the whole file (fcntl_locking(2)). */
function wholeFile(type: number): Buffer {
  const flock = Buffer.alloc(32)
  flock.writeInt16LE(type, 0)
  return flock
}

/**
 * An open-file-description record lock over the whole file, without waiting. It conflicts with other processes' POSIX
 * locks both ways, belongs to the descriptor, and ends when that is closed.
 * @returns false when somebody else holds a conflicting lock
 * @throws SyscallError EBADF when the descriptor's mode does not allow this kind of lock
 */
export function tryLock(fd: number, kind: 'read' | 'write'): boolean {
  const request = wholeFile(kind === 'read' ? F_RDLCK : F_WRLCK)
  for (;;) {
    if (fcntl(fd, F_OFD_SETLK, request) === 0) return true
    const number = errno()
    if (number === EAGAIN || number === EACCES) return false
    if (number !== EINTR) throw new SyscallError('fcntl', number)
  }
}

/** Gives a lock of {@link tryLock} up. @throws SyscallError EBADF */
export function unlock(fd: number): void {
  if (fcntl(fd, F_OFD_SETLK, wholeFile(F_UNLCK)) !== 0) throw new SyscallError('fcntl', errno())
}
