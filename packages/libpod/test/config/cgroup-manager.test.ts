import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { chooseManager, type ManagerFacts } from '../../src/config/cgroup-manager.ts'
import { userBus } from '../../src/rootless/user-bus.ts'

const root: ManagerFacts = { systemd: 'yes', cgroups: 'v2', uid: 0, userBus: undefined }
const user: ManagerFacts = { ...root, uid: 1000, userBus: 'unix:path=/run/user/1000/bus' }

test('control groups by systemd where one runs, for a plain user where it is the user’s own', t => {
  const chosen = (asked: string | undefined, host: ManagerFacts) => chooseManager(asked, host).manager
  t.is(chosen(undefined, root), 'systemd')
  t.is(chosen('cgroupfs', root), 'cgroupfs')
  t.is(chosen('systemd', { ...root, systemd: 'no' }), 'cgroupfs')
  t.is(chosen(undefined, user), 'systemd')
  t.is(chosen(undefined, { ...user, cgroups: 'hybrid' }), 'cgroupfs', 'it cannot limit there')
  const alone = chooseManager(undefined, { ...user, userBus: undefined })
  t.is(alone.manager, 'cgroupfs')
  t.regex(alone.warnings.join('\n'), /no systemd user session available[\s\S]*enable-linger 1000[\s\S]*Falling back/)
  t.deepEqual(chooseManager('cgroupfs', { ...user, userBus: undefined }).warnings, [])
})

test('where the user’s systemd listens', async t => {
  const directory = await tempDir(t, 'bus')
  t.is(userBus({ XDG_RUNTIME_DIR: directory }), undefined)
  t.is(userBus({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${directory}/gone,guid=1` }), undefined)
  writeFileSync(join(directory, 'bus'), '')
  t.is(userBus({ XDG_RUNTIME_DIR: directory }), `unix:path=${directory}/bus`)
  mkdirSync(join(directory, 'other'))
  const told = `unix:path=${directory}/other,guid=1`
  t.is(userBus({ DBUS_SESSION_BUS_ADDRESS: told, XDG_RUNTIME_DIR: directory }), told)
  t.is(userBus({ DBUS_SESSION_BUS_ADDRESS: 'tcp:host=localhost' }), 'tcp:host=localhost')
})
