import { closeSync, openSync } from 'node:fs'
import { close, O_PATH } from './at.ts'
import { bind, checked, errno, SyscallError } from './libc.ts'

const AF_UNIX = 1
const SOCK_SEQPACKET = 5
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
/** sun_path of struct sockaddr_un holds 108 bytes with its NUL (unix(7)). */
const longestPath = 107

const callSocket = bind('socket', 'int32', ['int32', 'int32', 'int32'])
const callConnect = bind('connect', 'int32', ['int32', 'pointer', 'uint32'])

/**
 * A connected, non-blocking, close-on-exec descriptor of a SOCK_SEQPACKET unix socket; each read gives one record.
 * A path of any length will do.
 * @throws SyscallError ENOENT, ECONNREFUSED, EAGAIN when the listener's queue is full
 */
export function connectSeqpacket(path: string): number {
  if (Buffer.byteLength(path) <= longestPath) return connect(path, path)
  const handle = openSync(path, O_PATH)
  try {
    return connect(`/proc/self/fd/${handle}`, path)
  } finally {
    closeSync(handle)
  }
}

function connect(address: string, shown: string): number {
  const fd = checked(callSocket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket')
  const sockaddr = Buffer.alloc(110)
  sockaddr.writeUInt16LE(AF_UNIX, 0)
  sockaddr.write(address, 2)
  if (callConnect(fd, sockaddr, 2 + Buffer.byteLength(address) + 1) === 0) return fd
  const number = errno()
  close(fd)
  throw new SyscallError('connect', number, shown)
}
