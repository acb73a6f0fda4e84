import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseUser, readAccountFiles } from '../../src/index.ts'

function root(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'accounts-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  mkdirSync(join(directory, 'root/etc'), { recursive: true })
  return join(directory, 'root')
}

const passwd = 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n'

test('files are read, missing ones are empty', t => {
  const at = root(t)
  t.deepEqual(readAccountFiles(at), { passwd: '', group: '' })
  writeFileSync(join(at, 'etc/passwd'), passwd)
  t.is(parseUser('app', readAccountFiles(at)).uid, 1000)
  t.throws(() => readAccountFiles(join(at, 'no-such')), { code: 'ENOENT' })
})

test('links lead to places of the root', t => {
  const at = root(t)
  mkdirSync(join(at, 'usr/lib'), { recursive: true })
  writeFileSync(join(at, 'usr/lib/passwd'), passwd)
  writeFileSync(join(at, '..', 'secret'), 'secret:x:7:7:::\n')
  for (const target of ['/usr/lib/passwd', '../usr/lib/passwd', '../../../../usr/lib/passwd', '/usr/./lib//passwd']) {
    symlinkSync(target, join(at, 'etc/passwd'))
    t.is(readAccountFiles(at).passwd, passwd, target)
    rmSync(join(at, 'etc/passwd'))
  }
  for (const target of ['../../secret', join(at, '..', 'secret'), '/etc/passwd/x', '/proc/self/root/etc/passwd']) {
    symlinkSync(target, join(at, 'etc/passwd'))
    t.is(target === '/etc/passwd/x' ? '' : readAccountFiles(at).passwd, '', target)
    rmSync(join(at, 'etc/passwd'))
  }
  symlinkSync('passwd', join(at, 'etc/passwd'))
  t.throws(() => readAccountFiles(at), { code: 'PATH_INVALID', message: /too many links/ })
  rmSync(join(at, 'etc'), { recursive: true })
  symlinkSync('/usr/lib', join(at, 'etc'))
  t.is(readAccountFiles(at).passwd, passwd, 'a directory that is a link')
})

// CVE-2024-9676, CVE-2026-47262
test('pipes, devices and huge files are refused at once', t => {
  const at = root(t)
  const file = join(at, 'etc/passwd')
  execFileSync('mkfifo', [file])
  t.throws(() => readAccountFiles(at), { code: 'PATH_INVALID', message: /no regular file/ })
  rmSync(file)
  writeFileSync(file, '')
  truncateSync(file, 5 * 2 ** 30)
  t.throws(() => readAccountFiles(at), { code: 'ACCOUNTS_TOO_LARGE' })
  rmSync(file)
  mkdirSync(file)
  t.is(readAccountFiles(at).passwd, '')
})
