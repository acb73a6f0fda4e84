import { close } from './at.ts'
import { errno, SyscallError, syscall } from './libc.ts'

const SYS_pidfd_send_signal = 424
const SYS_pidfd_open = 434
const ESRCH = 3

/**
 * Signals a process that `isMeant` recognizes: between the two nobody else can get its pid (pidfd_open(2)).
 * @returns whether it was there
 * @throws SyscallError EPERM; ENOSYS before Linux 5.3
 */
export function signalProcess(pid: number, signal: number, isMeant: () => boolean): boolean {
  const fd = Number(syscall(BigInt(SYS_pidfd_open), BigInt(pid), 0n, null, null, 0n))
  if (fd < 0) return notThere('pidfd_open')
  try {
    if (!isMeant()) return false
    const sent: bigint = syscall(BigInt(SYS_pidfd_send_signal), BigInt(fd), BigInt(signal), null, 0n, 0n)
    return sent === 0n || notThere('pidfd_send_signal')
  } finally {
    close(fd)
  }
}

function notThere(call: string): false {
  const number = errno()
  if (number === ESRCH) return false
  throw new SyscallError(call, number)
}
