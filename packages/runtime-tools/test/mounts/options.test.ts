import test from 'ava'
import { checkMountOptions, overrideMounts, parseIdmapOption, rootPropagation, sortMounts } from '../../src/index.ts'

const at = (destination: string, options: readonly string[] = []) => ({ destination, options })

// An engine's own words must not become data of a file system (podman#26938).
test('only options of the specification and of the file system pass', t => {
  t.notThrows(() => checkMountOptions('bind', ['rbind', 'rprivate', 'ro', 'nosuid', 'nodev', 'noexec']))
  t.notThrows(() => checkMountOptions('tmpfs', ['size=10m', 'mode=1777', 'tmpcopyup', 'rw']))
  t.notThrows(() => checkMountOptions('proc', ['hidepid=2']))
  t.notThrows(() => checkMountOptions('overlay', ['lowerdir=/a:/b', 'upperdir=/u', 'workdir=/w']))
  for (const option of ['volume-opt=x', 'z', 'Z', 'U', 'size=1', 'copy', 'nocopy', 'O', '', 'constructor']) {
    t.throws(() => checkMountOptions('bind', [option]), { code: 'MOUNT_INVALID' }, option)
  }
  t.throws(() => checkMountOptions('__proto__', ['size=1']), { code: 'MOUNT_INVALID' })
})

test('idmap options', t => {
  t.is(parseIdmapOption('idmap'), undefined)
  t.deepEqual(parseIdmapOption('idmap=uids=0-1000-10#20-2000-1;gids=0-1000-10'), {
    uidMappings: [
      { containerID: 0, hostID: 1000, size: 10 },
      { containerID: 20, hostID: 2000, size: 1 },
    ],
    gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
  })
  for (const text of ['idmap=', 'idmap=uids=0-1-1', 'idmap=uids=a-1-1;gids=0-1-1', 'idmap=uids=0-1-1;gids=0-1-1;x=1']) {
    t.throws(() => parseIdmapOption(text), { code: 'MOUNT_INVALID' }, text)
  }
})

test('parents come first, otherwise the order is kept', t => {
  const sorted = sortMounts(['/a/b/c', '/z', '/a/b', '/a', '/'].map(path => at(path)))
  t.deepEqual(
    sorted.map(mount => mount.destination),
    ['/', '/z', '/a', '/a/b', '/a/b/c'],
  )
})

test('a mount replaces the standard one, and /dev all that is below it', t => {
  const base = ['/proc', '/dev', '/dev/pts', '/sys'].map(path => at(path))
  const names = (over: readonly string[]) => {
    return overrideMounts(
      base,
      over.map(path => at(path)),
    ).map(mount => mount.destination)
  }
  t.deepEqual(names(['/sys/']), ['/proc', '/dev', '/dev/pts', '/sys/'])
  t.deepEqual(names(['/dev']), ['/proc', '/sys', '/dev'])
  t.deepEqual(names(['/dev/pts']), ['/proc', '/dev', '/sys', '/dev/pts'])
})

test('the root is shared or slave when a mount must be', t => {
  t.is(rootPropagation([at('/a', ['rprivate'])]), undefined)
  t.is(rootPropagation([at('/a', ['rslave'])]), 'rslave')
  t.is(rootPropagation([at('/a', ['slave']), at('/b', ['rshared'])]), 'shared')
})
