import { closeSync, openSync, unlinkSync } from 'node:fs'
import { close } from './at.ts'
import { bind, checked, ioctl } from './libc.ts'
import { MNT_DETACH, MS_BIND, mount, umount } from './mount.ts'

const CLONE_NEWNET = 0x40000000
const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const SIOCGIFFLAGS = 0x8913n
const SIOCSIFFLAGS = 0x8914n
const IFF_UP = 1
const own = '/proc/thread-self/ns/net'

const callUnshare = bind('unshare', 'int32', ['int32'])
const callSetns = bind('setns', 'int32', ['int32', 'int32'])
const callSocket = bind('socket', 'int32', ['int32', 'int32', 'int32'])

/**
 * Makes a network namespace, its `lo` up, pinned by a bind mount on a new file at `path`, whose directory exists.
 * The calling thread is in the new namespace for the length of this synchronous call and back in its own afterwards.
 * @throws SyscallError EPERM; EEXIST (Node's) when the path is taken
 */
export function createNetns(path: string): void {
  closeSync(openSync(path, 'wx', 0o444))
  try {
    inNewNetns(() => {
      raiseLoopback()
      mount(own, path, 'none', MS_BIND)
    })
  } catch (error) {
    unlinkSync(path)
    throw error
  }
}

function inNewNetns(work: () => void): void {
  const home = openSync(own, 'r')
  try {
    checked(callUnshare(CLONE_NEWNET), 'unshare')
    try {
      work()
    } finally {
      checked(callSetns(home, CLONE_NEWNET), 'setns', own)
    }
  } finally {
    closeSync(home)
  }
}

/** struct ifreq: 16 bytes of name, then the flags (netdevice(7)). */
function raiseLoopback(): void {
  const socket = checked(callSocket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket')
  try {
    const request = Buffer.alloc(40)
    request.write('lo')
    checked(ioctl(socket, SIOCGIFFLAGS, request), 'ioctl')
    request.writeUInt16LE(request.readUInt16LE(16) | IFF_UP, 16)
    checked(ioctl(socket, SIOCSIFFLAGS, request), 'ioctl')
  } finally {
    close(socket)
  }
}

/** Unpins a namespace of {@link createNetns}; one that is gone already is no error. @throws SyscallError EPERM */
export function removeNetns(path: string): void {
  quietly(['EINVAL', 'ENOENT'], () => umount(path, MNT_DETACH))
  quietly(['ENOENT'], () => unlinkSync(path))
}

function quietly(codes: readonly string[], work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
