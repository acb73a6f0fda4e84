export {
  type At,
  close,
  fchmod,
  fchmodat,
  fchown,
  fchownat,
  futimens,
  linkat,
  mknodat,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openat,
  readlinkat,
  renameat,
  symlinkat,
  tryMkdirat,
  tryOpenat,
  tryUnlinkat,
  utimensat,
} from './at.ts'
export { sendDatagram } from './datagram.ts'
export { findExecutable, isExecutable } from './executable.ts'
export type { GzipInflater, InflateStep } from './isal/inflater.ts'
export { crc64Iso, gzipMaker, openGzipInflater } from './isal/isal.ts'
export { type Path, SyscallError } from './libc.ts'
export { tryLock, unlock } from './lock.ts'
export { memoryFile, sealedCopy } from './memory-file.ts'
export * from './mount.ts'
export * from './mount-tree.ts'
export { namespaceMaker, owningNamespace, parentNamespace, setOnExec } from './namespace.ts'
export { createNetns, removeNetns } from './netns.ts'
export { lutimesNs, makedev, mkfifo, mknod, S_IFBLK, S_IFCHR, S_IFIFO, splitdev } from './node.ts'
export { signalProcess } from './pidfd.ts'
export { randomBytes } from './random.ts'
export { connectSeqpacket } from './seqpacket.ts'
export { type Ending, exited, type Program, pipe, spawn, tryReap } from './spawn.ts'
export { type BegunSync, beginSyncfs, syncfs } from './sync.ts'
export { threadUmask } from './umask.ts'
export { threadDirectory } from './working-directory.ts'
export { fsetxattr, lgetxattr, llistxattr, lremovexattr, lsetxattr } from './xattr.ts'
