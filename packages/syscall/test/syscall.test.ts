import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import * as sys from '../src/index.ts'

function scratch(t: { teardown(fn: () => void): void }): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'syscall-'))
  t.teardown(() => fs.rmSync(path, { recursive: true, force: true }))
  return path
}

test('extended attributes: set, read, list and remove, on paths of any bytes', t => {
  const path = Buffer.concat([Buffer.from(`${scratch(t)}/`), Buffer.from([0xff, 0x41])])
  fs.writeFileSync(path, '')
  t.is(sys.lgetxattr(path, 'user.a'), undefined)
  sys.lsetxattr(path, 'user.a', Buffer.from([1, 0, 2]))
  sys.lsetxattr(path, 'user.empty', Buffer.alloc(0))
  sys.lsetxattr(path, 'user.large', Buffer.alloc(1000, 7))
  t.deepEqual(sys.lgetxattr(path, 'user.a'), Buffer.from([1, 0, 2]))
  t.deepEqual(sys.lgetxattr(path, 'user.empty'), Buffer.alloc(0))
  t.deepEqual(sys.lgetxattr(path, 'user.large'), Buffer.alloc(1000, 7))
  t.deepEqual(sys.llistxattr(path).sort(), ['user.a', 'user.empty', 'user.large'])
  t.true(sys.lremovexattr(path, 'user.a'))
  t.false(sys.lremovexattr(path, 'user.a'))
  const error = t.throws(() => sys.lgetxattr('/nowhere/at/all', 'user.a'), { instanceOf: sys.SyscallError })
  t.is(error.code, 'ENOENT')
  t.is(error.path, '/nowhere/at/all')
})

test('a NUL within a path is refused before the kernel would cut it there', t => {
  t.throws(() => sys.llistxattr('/tmp\0/x'), { code: 'EINVAL' })
})

test('record locks: shared ones go together, an exclusive one does not, and another process sees them', t => {
  const path = join(scratch(t), 'lock')
  const [a, b] = [fs.openSync(path, 'w+'), fs.openSync(path, 'r+')]
  t.true(sys.tryLock(a, 'read'))
  t.true(sys.tryLock(b, 'read'))
  t.false(sys.tryLock(b, 'write'))
  sys.unlock(a)
  t.true(sys.tryLock(b, 'write'))
  const probe = `import fcntl\nf=open(${JSON.stringify(path)},'r+')\ntry:\n fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB)\n print('got')\nexcept OSError:\n print('held')`
  t.is(execFileSync('python3', ['-c', probe]).toString().trim(), 'held')
  fs.closeSync(b)
  t.is(execFileSync('python3', ['-c', probe]).toString().trim(), 'got')
  t.true(sys.tryLock(a, 'write'))
  fs.closeSync(a)
  const readOnly = fs.openSync(path, 'r')
  t.throws(() => sys.tryLock(readOnly, 'write'), { code: 'EBADF' })
  fs.closeSync(readOnly)
})

test('nodes: FIFOs, devices and their numbers', t => {
  const dir = scratch(t)
  sys.mkfifo(join(dir, 'fifo'), 0o600)
  t.true(fs.lstatSync(join(dir, 'fifo')).isFIFO())
  sys.mknod(join(dir, 'null'), sys.S_IFCHR | 0o666, sys.makedev(1, 3))
  t.is(fs.lstatSync(join(dir, 'null')).rdev, sys.makedev(1, 3))
  t.deepEqual(sys.splitdev(sys.makedev(259, 70000)), [259, 70000])
  t.is(sys.makedev(1, 3), 0x103)
})

test('times: nanoseconds, before 1970, and a link is not followed', t => {
  const dir = scratch(t)
  fs.writeFileSync(join(dir, 'f'), '')
  fs.symlinkSync('f', join(dir, 'l'))
  sys.lutimesNs(join(dir, 'f'), 1n, 1_500_000_000_123_456_789n)
  sys.lutimesNs(join(dir, 'l'), -1_500_000_001n, -1n)
  const stat = (name: string) => fs.lstatSync(join(dir, name), { bigint: true })
  t.is(stat('f').mtimeNs, 1_500_000_000_123_456_789n)
  t.is(stat('f').atimeNs, 1n)
  t.is(stat('l').mtimeNs, -1n)
  t.is(stat('l').atimeNs, -1_500_000_001n)
})

test('names below a directory handle stay there when the directory is swapped for a link', t => {
  const dir = scratch(t)
  fs.mkdirSync(join(dir, 'real'))
  fs.mkdirSync(join(dir, 'outside'))
  const handle = sys.openat(-100, join(dir, 'real'), sys.O_PATH | sys.O_DIRECTORY | sys.O_NOFOLLOW)
  fs.renameSync(join(dir, 'real'), join(dir, 'moved'))
  fs.symlinkSync('outside', join(dir, 'real'))
  t.is(sys.tryMkdirat(handle, 'sub', 0o755), 0)
  t.is(sys.tryMkdirat(handle, 'sub', 0o755), -17)
  sys.symlinkat('/x', handle, 'link')
  t.is(sys.readlinkat(handle, 'link').toString(), '/x')
  sys.mknodat({ dirfd: handle, name: 'fifo' }, sys.S_IFIFO | 0o600, 0)
  sys.linkat({ dirfd: handle, name: 'fifo' }, { dirfd: handle, name: 'hard' })
  sys.renameat({ dirfd: handle, name: 'hard' }, { dirfd: handle, name: 'other' })
  sys.fchownat({ dirfd: handle, name: 'other' }, 7, 8)
  sys.fchmodat({ dirfd: handle, name: 'other' }, 0o640)
  sys.utimensat({ dirfd: handle, name: 'other' }, 5n, 6n)
  t.like(fs.lstatSync(join(dir, 'moved/fifo')), { uid: 7, gid: 8, nlink: 2 })
  t.is(sys.tryUnlinkat(handle, 'other', 'file'), 0)
  t.is(sys.tryUnlinkat(handle, 'other', 'file'), -2)
  t.is(sys.tryUnlinkat(handle, 'sub', 'directory'), 0)
  t.deepEqual(fs.readdirSync(join(dir, 'outside')), [])
  t.true(sys.tryOpenat(handle, 'link', sys.O_PATH | sys.O_DIRECTORY | sys.O_NOFOLLOW) < 0)
  sys.close(handle)
})

test('openat2 refuses a walk that leaves its root', t => {
  const dir = scratch(t)
  fs.symlinkSync('/etc', join(dir, 'out'))
  const root = fs.openSync(dir, 'r')
  const how = { flags: sys.O_PATH, resolve: sys.RESOLVE_BENEATH }
  t.throws(() => sys.openat2(root, 'out/hosts', how), { code: 'EXDEV' })
  t.throws(() => sys.openat2(root, '../x', how), { code: 'EXDEV' })
  sys.close(sys.openat2(root, 'out', { flags: sys.O_PATH | sys.O_NOFOLLOW, resolve: sys.RESOLVE_BENEATH }))
  fs.closeSync(root)
})

test('syncfs writes out, and says so when it cannot', t => {
  const fd = fs.openSync(scratch(t), 'r')
  t.notThrows(() => sys.syncfs(fd))
  fs.closeSync(fd)
  t.throws(() => sys.syncfs(-1), { code: 'EBADF' })
})

test('an open file gets owner, mode and times by its descriptor', t => {
  const path = join(scratch(t), 'f')
  const fd = sys.openat(-100, path, 0o102, 0o600)
  sys.fchown(fd, 3, 4)
  sys.fchmod(fd, 0o4711)
  sys.futimens(fd, 1n, -5n)
  sys.close(fd)
  t.like(fs.lstatSync(path, { bigint: true }), { uid: 3n, gid: 4n, mode: 0o104711n, mtimeNs: -5n, atimeNs: 1n })
})

test('random bytes are as many as asked for, and never the same', t => {
  const samples = Array.from({ length: 100 }, () => sys.randomBytes(32).toString('hex'))
  t.is(new Set(samples).size, 100)
  t.true(samples.every(sample => sample.length === 64))
})

test('a umask of its own is for worker threads', async t => {
  const directory = scratch(t)
  const script = `
    const { workerData } = require('node:worker_threads')
    const fs = require('node:fs')
    import(workerData.syscall).then(({ threadUmask }) => {
      const whose = threadUmask(0)
      fs.writeFileSync(workerData.directory + '/wide', '', { mode: 0o666 })
      fs.writeFileSync(workerData.directory + '/whose', whose)
    })`
  const before = /^Umask:.*$/m.exec(fs.readFileSync('/proc/self/status', 'latin1'))?.[0]
  const workerData = { directory, syscall: new URL('../src/index.ts', import.meta.url).href }
  await once(new Worker(script, { eval: true, workerData }), 'exit')
  t.is(fs.readFileSync(join(directory, 'whose'), 'utf8'), 'own')
  t.is(fs.statSync(join(directory, 'wide')).mode & 0o777, 0o666)
  t.is(/^Umask:.*$/m.exec(fs.readFileSync('/proc/self/status', 'latin1'))?.[0], before)
})

test('a function is bound one way only: Node refuses another signature when it is called', t => {
  const sources = fs.globSync(join(import.meta.dirname, '../src/*.ts')).map(file => fs.readFileSync(file, 'utf8'))
  const bound = [...sources.join('').matchAll(/ bind\('(\w+)', ('\w+', \[.*?\])\)/g)]
  const signatures = new Set(bound.map(([, name, signature]) => `${name} ${signature}`))
  t.true(bound.length > 30)
  t.is(signatures.size, new Set(bound.map(([, name]) => name)).size)
})

test('a file in memory has no name, and keeps what several write through it', t => {
  const file = sys.memoryFile()
  const [first, second] = ['one', 'two'].map(word => fs.writeSync(file, word))
  const bytes = Buffer.alloc(10)
  t.deepEqual([first, second, fs.readSync(file, bytes, 0, 10, 0), bytes.toString('latin1', 0, 6)], [3, 3, 6, 'onetwo'])
  t.regex(fs.readlinkSync(`/proc/self/fd/${file}`), /^\/memfd:/)
  sys.close(file)
})

test('a sealed copy of a program is run, and cannot be changed by anybody', async t => {
  const program = process.execPath
  const copy = sys.sealedCopy(program)
  const path = `/proc/self/fd/${copy}`
  t.is(fs.statSync(path).size, fs.statSync(program).size)
  const again = fs.openSync(path, 'r+')
  t.throws(() => fs.writeSync(again, 'x'), { code: 'EPERM' })
  fs.closeSync(again)
  t.throws(() => fs.truncateSync(path, 1), { code: 'EPERM' })
  t.throws(() => fs.writeSync(copy, 'x'), { code: 'EBADF' })
  const pid = sys.spawn({ path, args: ['--version'], env: {}, fds: [0, 1, 2] })
  t.deepEqual(await sys.exited(pid), { code: 0 })
  sys.close(copy)
  t.throws(() => sys.sealedCopy('/no/such/program'), { code: 'ENOENT' })
})
