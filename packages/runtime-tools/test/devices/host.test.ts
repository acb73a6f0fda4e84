import test from 'ava'
import { listHostDevices, numbersOf, readDevice, readDevices } from '../../src/index.ts'

test('device numbers are taken apart as the C library does', t => {
  t.deepEqual(numbersOf(0x103), { major: 1, minor: 3 })
  t.deepEqual(numbersOf(0x12345678), { major: 0x456, minor: 0x12378 })
})

test('nodes of the host', async t => {
  t.like(await readDevice('/dev/null', '/dev/x'), {
    path: '/dev/x',
    hostPath: '/dev/null',
    type: 'c',
    major: 1,
    minor: 3,
  })
  const all = await listHostDevices()
  t.true(all.some(device => device.path === '/dev/null'))
  t.false(all.some(device => /^\/dev\/(pts|shm|fd|console)/.test(device.path)))
  t.deepEqual(await readDevices('/dev/null'), [await readDevice('/dev/null')])
  await t.throwsAsync(readDevice('/etc/passwd'), { code: 'DEVICE_INVALID' })
  await t.throwsAsync(readDevice('/dev/no-such-node'), { code: 'DEVICE_INVALID' })
})
