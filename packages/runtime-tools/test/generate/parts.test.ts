import test from 'ava'
import { matchGlob } from '../../src/generate/glob.ts'
import { checkSysctls, checkWorkdir, guardPaths, sysctlNamespace } from '../../src/index.ts'

// CVE-2024-21626: a working directory through a leaked descriptor is outside of the container.
test('a working directory may not go through a descriptor', t => {
  for (const path of [
    '/proc/self/fd/7',
    '/proc/self/fd/7/',
    '//proc/self/fd/7',
    '/proc/../proc/self/./fd/7/x',
    '/proc/1/fd/8',
    '/proc/thread-self/fd/8',
    '/proc/1/task/1/fd/8',
    '/proc/self/cwd',
    '/proc/1/root/etc',
    '/tmp/../proc/self/fd',
  ]) {
    t.throws(() => checkWorkdir(path), { code: 'PATH_INVALID' }, path)
  }
  for (const path of ['', 'tmp', './x', '/a\0b']) t.throws(() => checkWorkdir(path), { code: 'PATH_INVALID' }, path)
  t.is(checkWorkdir('/'), '/')
  t.is(checkWorkdir('/proc/sys'), '/proc/sys')
  t.is(checkWorkdir('/a/../b//c/'), '/b/c')
  t.is(checkWorkdir('/proc/selfish/fd'), '/proc/selfish/fd')
})

test('a parameter needs its namespace', t => {
  const own = [{ type: 'network' as const }]
  t.notThrows(() => checkSysctls({ 'net.ipv4.ip_forward': '1', 'net/core/somaxconn': '1' }, own))
  t.throws(() => checkSysctls({ 'net.ipv4.ip_forward': '1' }, []), { code: 'SYSCTL_INVALID' })
  t.throws(() => checkSysctls({ 'kernel.shmmax': '1' }, own), { code: 'SYSCTL_INVALID', message: /IPC Namespace/ })
  t.throws(() => checkSysctls({ 'kernel.panic': '1' }, own), { code: 'SYSCTL_INVALID', message: /not allowed/ })
  t.throws(() => checkSysctls({ 'fs.file-max': '1' }, own), { code: 'SYSCTL_INVALID' })
  t.is(sysctlNamespace('fs.mqueue.msg_max'), 'ipc')
  t.is(sysctlNamespace('kernel.domainname'), 'uts')
})

test('paths are unmasked by name, list and glob', t => {
  const masked = (unmask: readonly string[]) => guardPaths({ unmask }).maskedPaths
  t.true(masked([]).includes('/proc/kcore'))
  t.false(masked(['/proc/kcore']).includes('/proc/kcore'))
  t.deepEqual(masked(['all']), [])
  t.deepEqual(
    masked(['/proc/*', '/sys/*']).filter(path => path.startsWith('/proc')),
    [],
  )
  t.true(masked(['/sys/*']).includes('/sys/fs/selinux'), 'a star does not cross a slash')
  t.deepEqual(guardPaths({ mask: ['/a:/b', 'relative'], unmask: ['ALL'] }), {
    maskedPaths: ['/a', '/b'],
    readonlyPaths: [],
  })
})

test('globs', t => {
  const yes = [
    ['/proc/[ak]*', '/proc/acpi'],
    ['/proc/k?ore', '/proc/kcore'],
    ['/a.b', '/a.b'],
    ['/a\\*', '/a*'],
    ['/[^b]x', '/ax'],
    ['/*/*', '/a/b'],
  ] as const
  const no = [
    ['/a.b', '/axb'],
    ['/proc*', '/proc/acpi'],
    ['/[z-a]', '/a'],
    ['/[', '/['],
    ['/a\\', '/a\\'],
    ['/a', '/ab'],
    ['(a|b)', 'a'],
  ] as const
  for (const [pattern, path] of yes) t.true(matchGlob(pattern, path), pattern)
  for (const [pattern, path] of no) t.false(matchGlob(pattern, path), pattern)
})
