import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'

type Place = Parameters<typeof loadConfig>[0]

async function place(t: Parameters<typeof tempDir>[0], text: string, more: Partial<Place['env']> = {}): Promise<Place> {
  const home = await tempDir(t, 'config')
  const file = join(home, 'a.conf')
  await writeFile(file, text)
  return { home, env: { CONTAINERS_CONF: file, ...more }, modules: [] }
}

const malformed = [
  ['bogus', /a\.conf: line 1: /],
  ['[containers', /a\.conf: line 1: /],
  ['[containers]\n[containers]', /a\.conf: line 2: /],
  ['containers = 1', /a\.conf: containers must be a table, not 1/],
  ['[containers]\npids_limit = "x"', /containers\.pids_limit must be an integer, not "x"/],
  ['[containers]\npids_limit = 1.5', /containers\.pids_limit must be an integer, not 1\.5/],
  ['[containers]\ninit = "yes"', /containers\.init must be true or false, not "yes"/],
  ['[containers]\nipcns = 1', /containers\.ipcns must be a text, not 1/],
  ['[containers]\nenv = "A=b"', /containers\.env must be a list of texts, not "A=b"/],
  ['[containers]\nenv = [1]', /containers\.env must be a list of texts and holds 1/],
  ['[containers]\nenv = ["A", {append="x"}]', /containers\.env must be a list of texts and holds a table/],
  ['[engine.runtimes]\ncrun = "x"', /engine\.runtimes\.crun must be a list of texts/],
  ['[engine.service_destinations.x]\nuri = 1', /engine\.service_destinations\.x\.uri must be a text/],
  ['[machine]\ncpus = "x"', /machine\.cpus must be an integer/],
  ['[containers]\ndefault_ulimits = ["bogus"]', /a\.conf: containers\.default_ulimits: "bogus" is not a limit/],
  ['[containers]\ndefault_ulimits = ["nofile=x"]', /"nofile=x" is not a limit/],
  ['[containers]\ndevices = ["bogus"]', /containers\.devices: "bogus" is not a device/],
  ['[containers]\ndevices = ["/dev/null:rel"]', /"\/dev\/null:rel" is not a device/],
  ['[containers]\nlog_size_max = 5', /containers\.log_size_max: 5 is not negative or at least 8192/],
  ['[containers]\nlog_size_max = 0', /containers\.log_size_max/],
  ['[containers]\nshm_size = "bogus"', /containers\.shm_size: "bogus" is not a size/],
  ['[containers]\ntz = "No/Where"', /containers\.tz: "No\/Where" is not a time zone/],
  ['[containers]\numask = "9"', /containers\.umask: "9" is not a umask/],
  ['[containers]\ninterface_name = "bogus"', /containers\.interface_name: "bogus" is not "device"/],
  ['[engine]\npull_policy = "bogus"', /engine\.pull_policy: "bogus" is not one of always/],
  ['[engine]\nimage_volume_mode = "bogus"', /engine\.image_volume_mode: "bogus"/],
  ['[engine]\nimage_volume_mode = "bind"', /engine\.image_volume_mode: "bind"/],
  ['[engine]\nnum_locks = -1', /engine\.num_locks: -1 is not a number of 32 bits/],
  ['[network]\ndns_bind_port = 99999', /network\.dns_bind_port: 99999 is not a port/],
  ['[engine]\nevents_logfile_max_size = "bogus"', /engine\.events_logfile_max_size: "bogus"/],
  ['[engine]\ndatabase_backend = "bogus"', /engine\.database_backend: "bogus"/],
  ['[network]\ndefault_subnet_pools = [{base = "bogus", size = 24}]', /network\.default_subnet_pools/],
  ['[network]\ndefault_subnet_pools = [{base = "10.0.0.0/16", size = 8}]', /network\.default_subnet_pools/],
  [
    '[network]\ndefault_subnet_pools = [{base = "10.0.0.0/16", size = "x"}]',
    /default_subnet_pools\.size must be an integer/,
  ],
] as const

for (const [text, message] of malformed)
  test(`refused: ${JSON.stringify(text)}`, async t => {
    await t.throwsAsync(loadConfig(await place(t, `${text}\n`)), { code: 'CONFIG_MALFORMED', message })
  })

const later = [
  ['[engine]\nlock_type = "bogus"', /engine\.lock_type: "bogus" is not one of shm, file/],
  ['[engine]\nimage_copy_tmp_dir = "x"', /engine\.image_copy_tmp_dir: "x"/],
  ['[network]\ndefault_subnet = "bogus"', /network\.default_subnet: "bogus"/],
  ['[network]\nnetwork_backend = "bogus"', /network\.network_backend: "bogus"/],
] as const

for (const [text, message] of later)
  test(`refused by the engine: ${JSON.stringify(text)}`, async t => {
    await t.throwsAsync(loadConfig(await place(t, `${text}\n`)), { code: 'CONFIG_INVALID', message })
  })

test('keys that nobody knows, empty words and files that say nothing are let pass', async t => {
  const text = `
    x = 1
    [bogus]
    y = 2
    [containers]
    nobody_knows = 1
    shm_size = ""
    umask = ""
    env = ["A=b", {append = true}]
    default_ulimits = ["nofile=1:2", "RLIMIT_NPROC=-1"]
    devices = ["/dev/fuse", "/dev/fuse:/dev/f:rw", "/dev/fuse:r", "vendor.example/class=one"]
    log_size_max = -5
    pids_limit = 0x10
    [engine]
    pull_policy = "ALWAYS"
    events_logfile_max_size = 1
    runtimes = "x"
    detach_keys = ""
  `
  const { containers, engine } = await loadConfig(await place(t, text))
  t.like(containers, { env: ['A=b'], pidsLimit: 16, logSizeMax: -5, shmSize: '65536k' })
  t.like(engine, { pullPolicy: 'always', detachKeys: '' })
  const empty = await loadConfig(await place(t, '# nothing\n[containers]\n\n[engine]\n'))
  t.like(empty.engine, { pullPolicy: 'missing', detachKeys: 'ctrl-p,ctrl-q' })
})

test('what is wrong is told of the last file that has the key; a later file puts right what an earlier one has wrong', async t => {
  const first = await place(t, '[containers]\numask = "9"\n')
  const second = join(first.home, 'b.conf')
  const env = { ...first.env, CONTAINERS_CONF_OVERRIDE: second }
  await writeFile(second, '[containers]\numask = "8"\n')
  await t.throwsAsync(loadConfig({ ...first, env }), { message: /b\.conf: containers\.umask: "8"/ })
  await writeFile(second, '[containers]\nshm_size = "1m"\n')
  await t.throwsAsync(loadConfig({ ...first, env }), { message: /a\.conf: containers\.umask: "9"/ })
  await writeFile(second, '[containers]\numask = "0022"\n')
  t.is((await loadConfig({ ...first, env })).containers.umask, '0022')
})

test('a file that is named must be there and a file', async t => {
  const { home, ...rest } = await place(t, '')
  const of = (env: Place['env']) => loadConfig({ ...rest, home, env })
  await t.throwsAsync(of({ CONTAINERS_CONF: join(home, 'nope') }), {
    code: 'CONFIG_MALFORMED',
    message: /nope: no such file or directory/,
  })
  await mkdir(join(home, 'dir'))
  await t.throwsAsync(of({ CONTAINERS_CONF: join(home, 'dir') }), {
    code: 'CONFIG_MALFORMED',
    message: /dir: is a directory/,
  })
  await t.notThrowsAsync(of({ CONTAINERS_CONF: '/dev/null', CONTAINERS_CONF_OVERRIDE: join(home, 'nope') }))
})
