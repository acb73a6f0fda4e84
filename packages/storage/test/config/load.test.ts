import * as fs from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { mergeSettings, parseSettings } from '../../src/config/parse.ts'
import { loadStoreOptions } from '../../src/index.ts'

const conf = `[storage]
driver = "overlay2"
graphroot = "/conf/root"
runroot = "/conf/run"
transient_store = true
[storage.options]
additionalimagestores = ["/a", "/b"]
mountopt = "nodev"
skip_mount_home = "true"
auto-userns-min-size = 2048
[storage.options.overlay]
mountopt = "nodev,metacopy=on"
sync = "none"
[storage.options.pull_options]
enable_partial_images = "true"
`

test('one file says it all, and the driver’s own table wins over the old spelling', async t => {
  const file = join(await tempDir(t, 'conf'), 'storage.conf')
  fs.writeFileSync(file, conf)
  const options = loadStoreOptions({}, { CONTAINERS_STORAGE_CONF: file })
  t.like(options, { driver: 'overlay', graphRoot: '/conf/root', runRoot: '/conf/run', transient: 'yes', sync: 'none' })
  t.deepEqual(options.additionalImageStores, ['/a', '/b'])
  t.true(options.driverOptions.includes('overlay.mountopt=nodev,metacopy=on'))
  t.true(options.driverOptions.includes('overlay.skip_mount_home=true'))
  t.deepEqual(options.pullOptions, { enable_partial_images: 'true' })
  t.is(options.autoUserns.minSize, 2048)
  t.deepEqual(options.files, [file])
})

test('the override file comes last, the environment over it, the caller over all', async t => {
  const directory = await tempDir(t, 'conf')
  const [main, last] = [join(directory, 'a'), join(directory, 'b')]
  fs.writeFileSync(main, conf)
  fs.writeFileSync(last, '[storage]\nrunroot = "/last/run"\n[storage.options.overlay]\nmountopt = "noatime"\n')
  const env = { CONTAINERS_STORAGE_CONF: main, CONTAINERS_STORAGE_CONF_OVERRIDE: last }
  t.is(loadStoreOptions({}, env).runRoot, '/last/run')
  t.true(loadStoreOptions({}, env).driverOptions.includes('overlay.mountopt=noatime'))
  t.is(loadStoreOptions({}, { ...env, STORAGE_DRIVER: 'vfs' }).driver, 'vfs')
  t.deepEqual(loadStoreOptions({}, { ...env, STORAGE_OPTS: 'overlay.mountopt=ro,x=y' }).driverOptions, [
    'overlay.mountopt=ro',
    'x=y',
  ])
  t.deepEqual(loadStoreOptions({ graphRoot: '/given' }, env).driverOptions, [])
  t.is(loadStoreOptions({ graphRoot: '/given', driver: 'vfs' }, { ...env, STORAGE_DRIVER: 'overlay' }).driver, 'vfs')
  t.throws(() => loadStoreOptions({ driver: 'nonsense' as 'vfs' }, env), { code: 'DRIVER_UNKNOWN' })
})

test('options among the driver’s that are the store’s are lifted out', t => {
  const driverOptions = ['overlay.imagestore=/images', 'additionalimagestore=/more', '.sync=none']
  const options = loadStoreOptions({ driverOptions }, { CONTAINERS_STORAGE_CONF: '/dev/null' })
  t.like(options, { imageStore: '/images', sync: 'none' })
  t.deepEqual(options.additionalImageStores, ['/more'])
})

test('a rootless user gets own roots; the system’s file may only say where by a pattern', async t => {
  const directory = await tempDir(t, 'conf')
  const env = {
    _CONTAINERS_ROOTLESS_UID: '1234',
    HOME: '/home/u',
    XDG_RUNTIME_DIR: directory,
    CONTAINERS_STORAGE_CONF: '/dev/null',
  }
  t.like(loadStoreOptions({}, env), {
    graphRoot: '/home/u/.local/share/containers/storage',
    runRoot: join(directory, 'containers'),
  })
  t.is(loadStoreOptions({}, { ...env, XDG_DATA_HOME: '/data' }).graphRoot, '/data/containers/storage')
  const file = join(directory, 'c')
  fs.writeFileSync(file, '[storage]\nrootless_storage_path = "$HOME/x-$UID"\n')
  t.is(loadStoreOptions({}, { ...env, CONTAINERS_STORAGE_CONF: file }).graphRoot, '/home/u/x-1234')
})

test('a broken or wrong file is an error that names it', async t => {
  const file = join(await tempDir(t, 'conf'), 'bad.conf')
  for (const text of ['[storage', '[storage]\ngraphroot = 3\n', '[storage.options]\nadditionalimagestores = "x"\n']) {
    fs.writeFileSync(file, text)
    const error = t.throws(() => loadStoreOptions({}, { CONTAINERS_STORAGE_CONF: file }), { code: 'CONFIG_INVALID' })
    t.true(error?.message.includes(file))
  }
  t.throws(() => loadStoreOptions({}, { CONTAINERS_STORAGE_CONF: '/nowhere/x' }), { code: 'CONFIG_INVALID' })
  fs.writeFileSync(file, '[storage]\ndriver = "zfs"\n')
  t.throws(() => loadStoreOptions({}, { CONTAINERS_STORAGE_CONF: file }), { code: 'DRIVER_UNKNOWN' })
  t.throws(() => loadStoreOptions({ graphRoot: 'relative' }, {}), { code: 'OPTION_INVALID' })
})

test('settings merge key by key', t => {
  const merged = mergeSettings(
    parseSettings(conf, '/x'),
    parseSettings('[storage.options.overlay]\nmountopt="a"', '/y'),
  )
  t.is(merged.graphRoot, '/conf/root')
  t.deepEqual(
    merged.driverOptions?.filter(each => each.includes('mountopt')),
    ['overlay.mountopt=a'],
  )
})
