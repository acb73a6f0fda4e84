import * as fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output, plainEnvironment, type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { StoreOptions } from '../../src/index.ts'

const loader = fileURLToPath(new URL('../../src/config/load.ts', import.meta.url))
const say = `import { loadStoreOptions } from ${JSON.stringify(loader)}
const [overrides] = process.argv.slice(1)
console.log(JSON.stringify(loadStoreOptions(JSON.parse(overrides))))`

/** Where a host keeps files of configuration, and what is in them. */
type Files = Readonly<Record<string, string>>

interface Host {
  readonly directory: string
  /** What the loader says in a mount namespace where those are all the files there are. */
  ours(overrides?: Partial<StoreOptions>, env?: Readonly<Record<string, string>>): Promise<StoreOptions>
  /** What the installed Podman says there. */
  theirs(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<Said>
}

interface Said {
  readonly graphDriverName: string
  readonly graphRoot: string
  readonly runRoot: string
  readonly options: readonly string[]
}

/** `files` are named below /etc/containers, /usr/share/containers and the home directory, `@` standing for the test's own directory. */
async function host(t: Teardown, files: Files): Promise<Host> {
  const directory = await tempDir(t, 'conf')
  for (const place of ['etc', 'share', 'home']) fs.mkdirSync(join(directory, place))
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path)
    fs.mkdirSync(join(file, '..'), { recursive: true })
    fs.writeFileSync(file, text.replaceAll('@', directory))
  }
  const script = `mount --bind "$1/etc" /etc/containers && mount --bind "$1/share" /usr/share/containers && shift && exec "$@"`
  const within = (command: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
    output('unshare', ['-m', 'sh', '-ec', script, 'sh', directory, ...command], {
      env: { ...plainEnvironment, HOME: join(directory, 'home'), ...env },
    })
  return {
    directory,
    ours: async (overrides = {}, env = {}) => {
      const flags = ['--conditions=development', '--input-type=module', '--eval', say]
      return JSON.parse(await within([process.execPath, ...flags, JSON.stringify(overrides)], env))
    },
    theirs: async (args = [], env = {}) => {
      const globals = ['--tmpdir', join(directory, 'tmp'), '--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
      const { store } = JSON.parse(await within(['podman', ...globals, ...args, 'info', '--format', 'json'], env))
      const options = Object.entries<unknown>(store.graphOptions).filter(([, value]) => typeof value === 'string')
      return { ...store, options: options.map(([key, value]) => `${key}=${value}`) }
    },
  }
}

const storage = (name: string, more = ''): string =>
  `[storage]\ndriver = "overlay"\ngraphroot = "@/${name}/root"\nrunroot = "@/${name}/run"\n${more}`
const words =
  '[storage.options]\nmountopt = "noatime"\n[storage.options.overlay]\nmountopt = "nodev"\nskip_mount_home = "true"\n'

interface Case {
  readonly files: Files
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly overrides?: Partial<StoreOptions>
}

/** Each is asked of the installed Podman too. `@` in values stands for the test's own directory. */
const cases: Readonly<Record<string, Case>> = {
  'the administrator’s file': { files: { 'etc/storage.conf': storage('etc', words) } },
  'the distribution’s file, where the administrator has none': {
    files: { 'share/storage.conf': storage('share', words) },
  },
  'the administrator’s file instead of the distribution’s, not beside it': {
    files: { 'share/storage.conf': storage('share', words), 'etc/storage.conf': storage('etc') },
  },
  'CONTAINERS_STORAGE_CONF instead of all': {
    files: { 'etc/storage.conf': storage('etc', words), 'other.conf': storage('other') },
    env: { CONTAINERS_STORAGE_CONF: '@/other.conf' },
  },
  'STORAGE_DRIVER over the files': { files: { 'etc/storage.conf': storage('etc') }, env: { STORAGE_DRIVER: 'vfs' } },
  'STORAGE_OPTS instead of the files’ options': {
    files: { 'etc/storage.conf': storage('etc', words) },
    env: { STORAGE_OPTS: 'overlay.mountopt=nodev,overlay.skip_mount_home=true' },
  },
  'a root by hand drops the files’ options': {
    files: { 'etc/storage.conf': storage('etc', words) },
    args: ['--root', '@/given'],
    overrides: { graphRoot: '@/given' },
  },
  'options by hand instead of the files’': {
    files: { 'etc/storage.conf': storage('etc', words) },
    args: ['--storage-opt', 'overlay.mountopt=noatime,nodev'],
    overrides: { driverOptions: ['overlay.mountopt=noatime,nodev'] },
  },
}

for (const [name, { files, env = {}, args = [], overrides = {} }] of Object.entries(cases)) {
  test(`as the installed Podman reads them: ${name}`, async t => {
    const { directory, ours, theirs } = await host(t, files)
    const here = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('@', directory))
    const [said, own] = [await theirs(here(args), here(env)), await ours(here(overrides), here(env))]
    t.like(own, { graphRoot: said.graphRoot, runRoot: said.runRoot, driver: said.graphDriverName as 'overlay' })
    t.deepEqual(own.driverOptions.toSorted(), said.options.toSorted())
  })
}

/** Only versions after the installed one know drop-ins and root's own file: Podman 5.8. */
const dropIn = (name: string): string => `[storage]\nrunroot = "@/${name}"\n`

test('root has a file of its own too, instead of the administrator’s, and drop-ins over both', async t => {
  const files = { 'etc/storage.conf': storage('etc'), 'home/.config/containers/storage.conf': storage('home') }
  const { directory, ours } = await host(t, files)
  t.like(await ours(), { graphRoot: join(directory, 'home/root'), runRoot: join(directory, 'home/run') })
  const more = await host(t, {
    ...files,
    'etc/storage.conf.d/60.conf': dropIn('60'),
    'home/.config/containers/storage.conf.d/50.conf': dropIn('50'),
  })
  t.is((await more.ours()).runRoot, join(more.directory, '60'))
  const config = { XDG_CONFIG_HOME: join(directory, 'elsewhere') }
  t.is((await ours({}, config)).graphRoot, join(directory, 'etc/root'))
})

test('drop-ins come after the main file, in the order of their names over all directories', async t => {
  const { directory, ours } = await host(t, {
    'share/storage.conf': storage('share'),
    'share/storage.conf.d/50-a.conf': dropIn('50'),
    'etc/storage.conf.d/40-b.conf': dropIn('40'),
    'etc/storage.conf.d/60-no.txt': dropIn('no'),
    'share/storage.rootful.conf.d/30-c.conf': dropIn('30'),
    'share/storage.rootless.conf.d/90-d.conf': dropIn('rootless'),
  })
  const { files, graphRoot, runRoot } = await ours()
  t.is(graphRoot, join(directory, 'share/root'))
  t.is(runRoot, join(directory, '50'))
  t.deepEqual(
    files.map(each => each.replace(/^.*\//, '')),
    ['storage.conf', '30-c.conf', '40-b.conf', '50-a.conf'],
  )
})

test('a drop-in of a later directory hides one of its name; an empty one takes it away', async t => {
  const { directory, ours } = await host(t, {
    'share/storage.conf': storage('share'),
    'share/storage.conf.d/10.conf': dropIn('hidden'),
    'etc/storage.conf.d/10.conf': '',
    'share/storage.conf.d/20.conf': dropIn('theirs'),
    'etc/storage.rootful.conf.d/20.conf': dropIn('ours'),
    'etc/storage.rootful.conf.d/0/20.conf': dropIn('uid'),
  })
  const { files, runRoot } = await ours()
  t.is(runRoot, join(directory, 'uid'))
  t.deepEqual(files.slice(1), [
    '/etc/containers/storage.conf.d/10.conf',
    '/etc/containers/storage.rootful.conf.d/0/20.conf',
  ])
})

test('CONTAINERS_STORAGE_CONF leaves drop-ins out, the override file comes last of all', async t => {
  const { directory, ours } = await host(t, {
    'etc/storage.conf': storage('etc'),
    'etc/storage.conf.d/10.conf': dropIn('10'),
    'last.conf': dropIn('last'),
    'only.conf': storage('only'),
  })
  const last = { CONTAINERS_STORAGE_CONF_OVERRIDE: join(directory, 'last.conf') }
  t.is((await ours({}, last)).runRoot, join(directory, 'last'))
  const only = { CONTAINERS_STORAGE_CONF: join(directory, 'only.conf') }
  t.is((await ours({}, only)).runRoot, join(directory, 'only/run'))
  t.is((await ours({}, { ...only, ...last })).runRoot, join(directory, 'last'))
})

test('a rootless user: own roots, own files and drop-ins; the system’s roots are not for users', async t => {
  const files = {
    'etc/storage.conf': storage('etc', words),
    'etc/storage.rootful.conf.d/10.conf': dropIn('rootful'),
    'etc/storage.rootless.conf.d/20.conf': '[storage.options.overlay]\nmountopt = "nodev,volatile"\n',
    'etc/storage.rootless.conf.d/4321/30.conf': '[storage]\ndriver = "vfs"\n',
    'etc/storage.rootless.conf.d/1/40.conf': '[storage]\ndriver = "zfs"\n',
  }
  const { directory, ours } = await host(t, files)
  const env = { _CONTAINERS_ROOTLESS_UID: '4321', XDG_RUNTIME_DIR: directory }
  const options = await ours({}, env)
  t.like(options, {
    graphRoot: join(directory, 'home/.local/share/containers/storage'),
    runRoot: join(directory, 'containers'),
    driver: 'vfs',
  })
  t.true(options.driverOptions.includes('overlay.mountopt=nodev,volatile'))
  const own = await host(t, { ...files, 'home/.config/containers/storage.conf': storage('own') })
  t.like(await own.ours({}, { ...env, XDG_RUNTIME_DIR: own.directory }), {
    graphRoot: join(own.directory, 'own/root'),
    runRoot: join(own.directory, 'own/run'),
  })
  const config = { ...env, XDG_CONFIG_HOME: join(own.directory, 'elsewhere') }
  t.is((await own.ours({}, config)).graphRoot, join(own.directory, 'home/.local/share/containers/storage'))
})
