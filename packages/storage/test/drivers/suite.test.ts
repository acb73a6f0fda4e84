import { existsSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { driverSuite } from '../../src/testing/index.ts'
import { tempStore } from '../support/temp-store.ts'
import { inUserNamespace } from '../support/user-namespace.ts'

for (const driver of ['overlay', 'vfs'] as const) {
  driverSuite(test, driver, async assert => (await tempStore(assert, { driver })).store)
}

const fuse = 'overlay.mount_program=/usr/bin/fuse-overlayfs'

const modes: Readonly<Record<string, readonly string[]>> = {
  'overlay with metacopy': ['overlay.mountopt=nodev,metacopy=on'],
  'overlay with redirected directories': ['overlay.mountopt=metacopy=on,redirect_dir=on'],
  'volatile overlay': ['overlay.mountopt=volatile'],
  'overlay without a mount of its home': ['overlay.skip_mount_home=true'],
  ...(existsSync('/dev/fuse') && { 'overlay by fuse-overlayfs': [fuse] }),
}

for (const [name, driverOptions] of Object.entries(modes)) {
  driverSuite(test, name, async assert => (await tempStore(assert, { driver: 'overlay', driverOptions })).store)
}

driverSuite(test, 'a transient store', async assert => (await tempStore(assert, { transient: 'yes' })).store)

/** What one run of the suite in a user namespace said, for the tests that each look at one of its promises. */
function suiteInNamespace(name: string, driverOptions: readonly string[]): void {
  let run: Promise<readonly { readonly title: string; readonly error?: string }[]> | undefined
  const results = async () => {
    const script = join(import.meta.dirname, '../support/suite-run.ts')
    run ??= inUserNamespace(script, driverOptions).then(text => JSON.parse(text))
    return await run
  }
  const record = (title: string): void => {
    test(`${name}${title.slice('run'.length)}`, async t => {
      const result = (await results()).find(each => each.title === title)
      t.truthy(result)
      t.is(result?.error, undefined)
    })
  }
  driverSuite(record, 'run', () => Promise.reject(new Error('only its titles are wanted')))
}

if (process.getuid?.() === 0) {
  suiteInNamespace('overlay in a user namespace', [])
  if (existsSync('/dev/fuse')) suiteInNamespace('overlay by fuse-overlayfs in a user namespace', [fuse])
} else console.warn('skipped: mapping more than one id into a user namespace needs root')
if (!existsSync('/dev/fuse')) console.warn('skipped: no /dev/fuse for fuse-overlayfs')
