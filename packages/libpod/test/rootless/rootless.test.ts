import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { enterUserNamespace } from '../../src/rootless/enter.ts'
import { mapArguments } from '../../src/rootless/ids.ts'
import { openNamespaces } from '../../src/rootless/namespaces.ts'
import { outerUser, rootOutside } from '../../src/rootless/outer-user.ts'
import { forgetStale, pauseFile, publishPause, readPause } from '../../src/rootless/pause-process.ts'
import { runtimeDirectoryOf } from '../../src/rootless/runtime-directory.ts'

test('ids: the user first, the lowest lent range next, without a gap', t => {
  const ranges = [
    { first: 900_000, size: 10 },
    { first: 100_000, size: 65_536 },
  ]
  const words = mapArguments({ own: 1000, ranges, file: '/etc/subuid' })
  t.is(words.join(' '), '0 1000 1 1 100000 65536 65537 900000 10')
  t.throws(() => mapArguments({ own: 100_005, ranges, file: '/etc/subgid' }), {
    message: 'invalid configuration: the specified mapping 100000:65536 in "/etc/subgid" includes the user GID',
  })
})

test('whom a map makes root', t => {
  t.is(rootOutside('         0       1000          1\n         1     100000      65536\n'), 1000)
  t.is(rootOutside('1 100000 65536\n0 1000 1\n'), 1000)
  t.is(rootOutside('1 100000 65536\n'), undefined)
})

test('root’s variables do not make root another user, and are forgotten', async t => {
  const env = { _CONTAINERS_ROOTLESS_UID: '1000', _CONTAINERS_ROOTLESS_GID: '1000' }
  t.deepEqual(outerUser(env), { uid: 0, gid: 0 })
  Object.assign(process.env, env, { _CONTAINERS_USERNS_CONFIGURED: 'done' })
  await enterUserNamespace(['/bin/false'])
  t.deepEqual(
    Object.keys(process.env).filter(name => name.startsWith('_CONTAINERS_')),
    [],
  )
})

test('a pause process is published once; only a file without one goes', async t => {
  const path = pauseFile(await tempDir(t, 'pause'))
  t.is(readPause(path, 0), undefined)
  t.true(publishPause(path, 4_194_305))
  t.false(publishPause(path, 1))
  t.is(readFileSync(path, 'latin1'), '4194305')
  t.is(readPause(path, 0), 4_194_305)
  t.is(readPause(path, 1000), undefined, 'a file of somebody else')
  t.is(openNamespaces(process.pid, 0), undefined, 'the host’s own namespace is nobody’s to enter')
  await forgetStale(path, 0)
  t.false(existsSync(path))
  await forgetStale(path, 0)
})

test('runtime directories: one’s own and nobody else’s to write to', async t => {
  const directory = await tempDir(t, 'runtime')
  const mine = join(directory, 'mine')
  mkdirSync(mine, { mode: 0o700 })
  t.is(runtimeDirectoryOf(0, { XDG_RUNTIME_DIR: mine }), mine)
  t.throws(() => runtimeDirectoryOf(1000, { XDG_RUNTIME_DIR: mine }), {
    code: 'ROOTLESS_UNAVAILABLE',
    message: `XDG_RUNTIME_DIR directory "${mine}" is not owned by the current user`,
  })
  chmodSync(mine, 0o720)
  t.throws(() => runtimeDirectoryOf(0, { XDG_RUNTIME_DIR: mine }), { message: /only the current user can write to/ })
  t.throws(() => runtimeDirectoryOf(0, { XDG_RUNTIME_DIR: join(directory, 'none') }), { message: /does not exist/ })
  writeFileSync(join(directory, 'file'), '', { mode: 0o700 })
  t.throws(() => runtimeDirectoryOf(0, { XDG_RUNTIME_DIR: join(directory, 'file') }))
})
