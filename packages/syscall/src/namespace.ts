import { checked, fcntl, ioctl } from './libc.ts'

const NS_GET_USERNS = 0xb701n
const NS_GET_PARENT = 0xb702n
const NS_GET_OWNER_UID = 0xb704n
const F_SETFD = 2
const FD_CLOEXEC = 1n

/**
 * Of a namespace of any kind (a descriptor of /proc/PID/ns/…) the user namespace that it belongs to; a new descriptor, for
 * {@link close}. @throws SyscallError EPERM when that is not below this process's own (ioctl_ns(2))
 */
export function owningNamespace(fd: number): number {
  return checked(ioctl(fd, NS_GET_USERNS, null), 'ioctl')
}

/** The user namespace in which a user namespace was made; likewise. @throws SyscallError EPERM when that is out of sight */
export function parentNamespace(fd: number): number {
  return checked(ioctl(fd, NS_GET_PARENT, null), 'ioctl')
}

/** The user who made a user namespace, as the caller's own sees the id. @throws SyscallError EINVAL for another kind */
export function namespaceMaker(fd: number): number {
  const uid = new Uint32Array(1)
  checked(ioctl(fd, NS_GET_OWNER_UID, uid), 'ioctl')
  return uid[0] ?? 0
}

/** Whether a program that takes this process's place, or is started by it, has a descriptor too. @throws SyscallError EBADF */
export function setOnExec(fd: number, what: 'keep' | 'close'): void {
  checked(fcntl(fd, F_SETFD, what === 'keep' ? 0n : FD_CLOEXEC), 'fcntl')
}
