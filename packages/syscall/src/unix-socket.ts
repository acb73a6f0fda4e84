import { closeSync, openSync } from 'node:fs'
import { close, O_PATH } from './at.ts'
import { bind, checked, errno, SyscallError } from './libc.ts'

const AF_UNIX = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
/** sun_path of struct sockaddr_un holds 108 bytes with its NUL (unix(7)). */
const longestPath = 107

const callSocket = bind('socket', 'int32', ['int32', 'int32', 'int32'])
const callConnect = bind('connect', 'int32', ['int32', 'pointer', 'uint32'])

/** What a read of a socket gives: bytes as they were sent together. */
const socketKinds = { datagram: 2, seqpacket: 5 } as const

/**
 * A connected, non-blocking, close-on-exec descriptor of a unix socket. A path of any length will do; one that begins with
 * `@` names an abstract socket, as in NOTIFY_SOCKET (sd_notify(3)).
 * @throws SyscallError ENOENT, ECONNREFUSED, EAGAIN when the listener's queue is full
 */
export function connectUnix(kind: keyof typeof socketKinds, path: string): number {
  if (Buffer.byteLength(path) <= longestPath) return connect(kind, path.replace(/^@/, '\0'), path)
  const handle = openSync(path, O_PATH)
  try {
    return connect(kind, `/proc/self/fd/${handle}`, path)
  } finally {
    closeSync(handle)
  }
}

function connect(kind: keyof typeof socketKinds, address: string, shown: string): number {
  const fd = checked(callSocket(AF_UNIX, socketKinds[kind] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket')
  const sockaddr = Buffer.alloc(110)
  sockaddr.writeUInt16LE(AF_UNIX, 0)
  sockaddr.write(address, 2)
  // An abstract name is as long as it is told to be; a path ends with its NUL.
  const length = 2 + Buffer.byteLength(address) + (address.startsWith('\0') ? 0 : 1)
  if (callConnect(fd, sockaddr, length) === 0) return fd
  const number = errno()
  close(fd)
  throw new SyscallError('connect', number, shown)
}
