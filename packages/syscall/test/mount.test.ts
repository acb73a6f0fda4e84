import { execFileSync, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import * as sys from '../src/index.ts'

const root = process.getuid?.() === 0
const real = root ? test : test.skip
if (!root) console.warn('skipped: mounts and namespaces need root')

function scratch(t: { teardown(fn: () => void): void }): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'syscall-'))
  t.teardown(() => fs.rmSync(path, { recursive: true, force: true }))
  return path
}

const mounted = (path: string) => fs.readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)

real('mounts: tmpfs with options, bind, remount, private, unmount', t => {
  const dir = scratch(t)
  const [a, b] = [join(dir, 'a'), join(dir, 'b')]
  for (const each of [a, b]) fs.mkdirSync(each)
  sys.mount('tmpfs', a, 'tmpfs', sys.MS_NOSUID | sys.MS_NODEV, 'size=1m')
  sys.mount(a, b, '', sys.MS_BIND)
  sys.mount('', b, '', sys.MS_PRIVATE)
  fs.writeFileSync(join(a, 'f'), 'x')
  t.is(fs.readFileSync(join(b, 'f'), 'utf8'), 'x')
  sys.mount('', b, '', sys.MS_REMOUNT | sys.MS_BIND | sys.MS_RDONLY)
  t.throws(() => fs.writeFileSync(join(b, 'g'), ''), { code: 'EROFS' })
  sys.umount(b)
  sys.umount(a, sys.MNT_DETACH)
  t.false(mounted(a))
  t.throws(() => sys.umount(a), { code: 'EINVAL', instanceOf: sys.SyscallError })
  t.throws(() => sys.mount('x', a, 'tmpfs', 0, 'z'.repeat(4096)), { code: 'E2BIG' })
})

/** A file system of its own in a file within `dir`, with nothing to be written later. */
function fileSystem(t: { teardown(fn: () => void): void }, dir: string, ...options: readonly string[]): string {
  const [image, mountpoint] = [join(dir, 'image'), join(dir, 'mounted')]
  fs.mkdirSync(mountpoint)
  execFileSync('truncate', ['--size', '64M', image])
  execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', ...options, image])
  execFileSync('mount', ['-o', 'loop,errors=continue', image, mountpoint])
  t.teardown(() => execFileSync('umount', [mountpoint]))
  return mountpoint
}

function opened(t: { teardown(fn: () => void): void }, path: string): number {
  const fd = fs.openSync(path, 'r')
  t.teardown(() => fs.closeSync(fd))
  return fd
}

/** The kernel itself writes what has been there for half a minute. */
const soon = 15_000

/** Waits until the device of a file system has been given so many bytes more; whether it was within {@link soon}. */
function watchDevice(mountpoint: string): (bytes: number) => Promise<boolean> {
  const device = execFileSync('findmnt', ['--noheadings', '--output', 'SOURCE', mountpoint], { encoding: 'utf8' })
  const stat = `/sys/block/${device.trim().replace('/dev/', '')}/stat`
  const written = () => 512 * Number(fs.readFileSync(stat, 'latin1').trim().split(/ +/)[6])
  const before = written()
  return async bytes => {
    const end = Date.now() + soon
    while (written() < before + bytes && Date.now() < end) await sleep(5)
    return written() >= before + bytes
  }
}

real('a sync that is only begun comes to the device without anybody waiting', async t => {
  const mountpoint = fileSystem(t, scratch(t))
  const given = watchDevice(mountpoint)
  fs.writeFileSync(join(mountpoint, 'file'), Buffer.alloc(8 << 20, 1))
  const sync = sys.beginSyncfs(opened(t, mountpoint))
  t.true(await given(8 << 20))
  while (!sync.ended()) await sleep(1)
})

real('what a begun sync lost is told to a description that was open before, once', async t => {
  const dir = scratch(t)
  sys.mount('tmpfs', dir, 'tmpfs', 0, 'size=20m')
  t.teardown(() => sys.umount(dir))
  const mountpoint = fileSystem(t, dir, '-O', '^has_journal')
  const [fd, hinting] = [opened(t, mountpoint), opened(t, mountpoint)]
  fs.writeFileSync(join(mountpoint, 'file'), Buffer.alloc(32 << 20, 1))
  const sync = sys.beginSyncfs(hinting)
  const end = Date.now() + soon
  while (!sync.ended() && Date.now() < end) await sleep(1)
  t.true(sync.ended())
  t.throws(() => sys.syncfs(fd), { message: /^syncfs: (EIO|ENOSPC)$/ })
  t.notThrows(() => sys.syncfs(fd))
})

real('a network namespace is pinned with lo up, this thread stays in its own, and it goes away', t => {
  const path = join(scratch(t), 'ns')
  const before = fs.readlinkSync('/proc/thread-self/ns/net')
  sys.createNetns(path)
  t.teardown(() => sys.removeNetns(path))
  t.is(fs.readlinkSync('/proc/thread-self/ns/net'), before)
  t.not(`net:[${fs.statSync(path).ino}]`, before)
  const links = execFileSync('nsenter', [`--net=${path}`, 'ip', '-o', 'addr', 'show', 'lo']).toString()
  t.true(links.includes('127.0.0.1/8'))
  t.throws(() => sys.createNetns(path), { code: 'EEXIST' })
  sys.removeNetns(path)
  sys.removeNetns(path)
  t.false(fs.existsSync(path))
  t.false(mounted(path))
})

real('a detached clone of a mount is idmapped and attached', t => {
  const dir = scratch(t)
  const [source, target] = [join(dir, 's'), join(dir, 't')]
  for (const each of [source, target]) fs.mkdirSync(each)
  fs.writeFileSync(join(source, 'f'), '')
  const holder = spawn('unshare', ['--user', 'sleep', '60'])
  t.teardown(() => holder.kill('SIGKILL'))
  const ns = `/proc/${holder.pid}/ns/user`
  const own = fs.readlinkSync('/proc/self/ns/user')
  while (fs.readlinkSync(ns) === own) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  for (const map of ['uid_map', 'gid_map']) fs.writeFileSync(`/proc/${holder.pid}/${map}`, '0 100000 65536')
  const userns = fs.openSync(ns, 'r')
  const tree = sys.openTree(source)
  sys.mountSetattr(tree, { set: sys.MOUNT_ATTR_IDMAP, usernsFd: userns })
  sys.moveMount(tree, target)
  t.teardown(() => sys.umount(target, sys.MNT_DETACH))
  t.is(fs.statSync(join(target, 'f')).uid, 100000)
  fs.closeSync(userns)
  sys.close(tree)
})

test('a seqpacket socket is connected, by a path longer than sun_path too', async t => {
  const dir = join(scratch(t), 'd'.repeat(120))
  fs.mkdirSync(dir)
  const script = `import socket,os,sys
os.chdir(sys.argv[1]); s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET); s.bind('s'); s.listen(1)
print('up',flush=True); c,_=s.accept(); c.send(b'one'); c.send(b'two')`
  const server = spawn('python3', ['-c', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => server.stdout.once('data', resolve))
  const ended = new Promise(resolve => server.once('exit', resolve))
  const fd = sys.connectSeqpacket(join(dir, 's'))
  await ended
  const record = Buffer.alloc(100)
  t.is(record.toString('utf8', 0, fs.readSync(fd, record)), 'one')
  t.is(record.toString('utf8', 0, fs.readSync(fd, record)), 'two')
  t.is(fs.readSync(fd, record), 0)
  sys.close(fd)
  t.throws(() => sys.connectSeqpacket(join(dir, 's')), { code: 'ECONNREFUSED' })
  t.throws(() => sys.connectSeqpacket('/nowhere/s'), { code: 'ENOENT' })
})

test('a datagram goes to a unix socket, abstract or with a path of any length, whole or not at all', async t => {
  const dir = join(scratch(t), 'd'.repeat(120))
  fs.mkdirSync(dir)
  const name = `@libpod-syscall-${process.pid}`
  const script = `import socket,os,sys
def bound(name):
  s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(name); return s
os.chdir(sys.argv[1]); a=bound('s'); b=bound(chr(0)+sys.argv[2][1:])
print('up',flush=True); print(a.recv(100).decode(),b.recv(100).decode(),flush=True)`
  const server = spawn('python3', ['-c', script, dir, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => server.kill())
  const said = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  t.is((await said.next()).value, 'up')
  t.throws(() => sys.sendDatagram(join(dir, 's'), Buffer.alloc(2 ** 24)), { code: 'EMSGSIZE' })
  sys.sendDatagram(join(dir, 's'), Buffer.from('one'))
  sys.sendDatagram(name, Buffer.from('two'))
  t.is((await said.next()).value, 'one two')
  await new Promise(resolve => server.once('exit', resolve))
  t.throws(() => sys.sendDatagram(join(dir, 's'), Buffer.from('late')), { code: 'ECONNREFUSED' })
  t.throws(() => sys.sendDatagram('/nowhere/s', Buffer.from('late')), { code: 'ENOENT' })
})
