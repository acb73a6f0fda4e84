import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { hasUserOverlay, rootlessDriver } from '../../src/config/rootless-driver.ts'

test('kernels whose overlayfs a user namespace can use', t => {
  const can = (kernel: string) => hasUserOverlay(kernel)
  t.deepEqual(['4.18.0', '5.10.0-30-amd64', '5.12.9'].map(can), [false, false, false])
  t.deepEqual(['5.13.0', '6.1.0-40-amd64', '10.0'].map(can), [true, true, true])
})

test('a plain user’s driver: the one that the store has, or overlay', async t => {
  const directory = await tempDir(t, 'driver')
  t.is(rootlessDriver(join(directory, 'none'), {}), hasUserOverlay() ? 'overlay' : 'vfs')
  await mkdir(join(directory, 'vfs-images'))
  t.is(rootlessDriver(directory, {}), 'vfs')
  await mkdir(join(directory, 'overlay-images'))
  t.is(rootlessDriver(directory, {}), 'overlay')
})
