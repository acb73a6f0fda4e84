import test from 'ava'
import { driverSuite } from '../../src/testing/index.ts'
import { tempStore } from '../support/temp-store.ts'

for (const driver of ['overlay', 'vfs'] as const) {
  driverSuite(test, driver, async assert => (await tempStore(assert, { driver })).store)
}

driverSuite(test, 'overlay with nodev and metacopy', async assert => {
  const driverOptions = ['overlay.mountopt=nodev,metacopy=on']
  return (await tempStore(assert, { driver: 'overlay', driverOptions })).store
})

driverSuite(test, 'overlay without a mount of its home', async assert => {
  const driverOptions = ['overlay.skip_mount_home=true']
  return (await tempStore(assert, { driver: 'overlay', driverOptions })).store
})

driverSuite(test, 'a transient store', async assert => (await tempStore(assert, { transient: 'yes' })).store)
