import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readlinkSync, writeFileSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import type { IdMapping, IdMappings } from './mapping.ts'

const patience = 5000

/**
 * Runs `work` with the descriptor of a user namespace that maps ids so, as mount_setattr(2) wants it. The namespace needs a process
 * only while it is made. @throws StorageError DRIVER_UNSUPPORTED
 */
export function withUserNamespace<T>(mappings: IdMappings, work: (fd: number) => T): T {
  const holder = spawn('unshare', ['--user', '--', 'sleep', '60'], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } })
  holder.on('error', () => {}) // told by its missing pid
  try {
    const place = `/proc/${waitFor(holder)}`
    writeFileSync(`${place}/uid_map`, lines(mappings.uids))
    writeFileSync(`${place}/gid_map`, lines(mappings.gids))
    const fd = openSync(`${place}/ns/user`, 'r')
    try {
      return work(fd)
    } finally {
      closeSync(fd)
    }
  } finally {
    holder.kill('SIGKILL')
  }
}

/** Until it has left our own namespace. Polled without giving way: locks are held, and nothing else can happen meanwhile. */
function waitFor({ pid }: ChildProcess): number {
  const own = readlinkSync('/proc/self/ns/user')
  const bell = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; pid !== undefined && waited < patience; waited++) {
    if (readlinkSync(`/proc/${pid}/ns/user`) !== own) return pid
    Atomics.wait(bell, 0, 0, 1)
  }
  throw new StorageError('DRIVER_UNSUPPORTED', 'a user namespace for shifted ids cannot be made with unshare(1)')
}

const lines = (ranges: readonly IdMapping[]): string =>
  ranges.map(({ containerId, hostId, size }) => `${containerId} ${hostId} ${size}\n`).join('')
