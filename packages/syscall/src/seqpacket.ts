import { connectUnix } from './unix-socket.ts'

/**
 * A connected, non-blocking, close-on-exec descriptor of a SOCK_SEQPACKET unix socket; each read gives one record.
 * A path of any length will do.
 * @throws SyscallError ENOENT, ECONNREFUSED, EAGAIN when the listener's queue is full
 */
export function connectSeqpacket(path: string): number {
  return connectUnix('seqpacket', path)
}
