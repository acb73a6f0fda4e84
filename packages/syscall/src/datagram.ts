import { closeSync, writeSync } from 'node:fs'
import { connectUnix } from './unix-socket.ts'

/**
 * Sends one datagram to a unix socket, whole or not at all; it never waits. `@name` is an abstract socket.
 * @throws SyscallError ENOENT or ECONNREFUSED when nobody listens; Node's own error with EAGAIN when the receiver's queue is
 *   full, EMSGSIZE when it is more than a socket's buffer takes (200 KiB by default)
 */
export function sendDatagram(path: string, bytes: Uint8Array): void {
  const fd = connectUnix('datagram', path)
  try {
    writeSync(fd, bytes)
  } finally {
    closeSync(fd)
  }
}
