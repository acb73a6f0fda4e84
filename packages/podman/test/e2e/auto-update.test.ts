import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const unit = { PODMAN_SYSTEMD_UNIT: 'app.service' }
const none = ['--network', 'none', '--stop-timeout', '0']

/** systemd's part: `restart` runs what the unit would; while a file `fails` has lines, one restart each fails. */
async function placeSystemctl(cli: Cli, restart: string): Promise<Readonly<Record<string, string>>> {
  const bin = join(cli.directory, 'bin')
  await mkdir(bin)
  const script = `#!/bin/sh
cd ${cli.directory}; echo "$@" >>restarts
if [ -s fails ]; then sed -i 1d fails; echo "Job for $3 failed." >&2; exit 1; fi
podman() { ${cli.argv.map(word => `'${word}'`).join(' ')} "$@"; }
{ podman rm --force --time 0 app; ${restart}; } >/dev/null
`
  await writeFile(join(bin, 'systemctl'), script)
  await chmod(join(bin, 'systemctl'), 0o755)
  return { ...plainEnvironment, PATH: `${bin}:${plainEnvironment.PATH}` }
}

test('auto-update from a registry: looked for, pulled, the unit restarted, and rolled back when it does not come up', async t => {
  const cli = await openCliWithBusybox(t, 'auto-update')
  const { host } = await startRegistry(t)
  const name = `${host}/app:1`
  const label = 'io.containers.autoupdate=registry'
  const start = ['run', '--detach', '--name', 'app', ...none, '--label', label, name, 'sleep', '1000']
  const env = await placeSystemctl(cli, `PODMAN_SYSTEMD_UNIT=app.service podman ${start.join(' ')}`)
  const update = (...args: string[]) => cli.run(['auto-update', '--tls-verify=false', ...args], { env })
  const format = ['--format', '{{.Unit}},{{.Image}},{{.Updated}},{{.Policy}}']
  const imageOf = () => cli.ok('inspect', '--format', '{{.Image}}', 'app')
  const idOf = (image: string) => cli.ok('image', 'inspect', '--format', '{{.Id}}', image)
  const release = async (version: string): Promise<string> => {
    await cli.ok('commit', '--quiet', '--change', `LABEL version=${version}`, 'app', 'localhost/next')
    await cli.ok('push', '--quiet', '--tls-verify=false', 'localhost/next', `docker://${name}`)
    return idOf('localhost/next')
  }
  await cli.ok('tag', busybox, name)
  await cli.ok('push', '--quiet', '--tls-verify=false', name)
  await cli.ok('pull', '--quiet', '--tls-verify=false', name)
  const old = await idOf(name)
  t.deepEqual(await update(), { code: 0, signal: null, stdout: '', stderr: '' })
  t.is(await cli.ok('events', '--stream=false', '--filter', 'type=system'), '')

  await cli.run(start, { env: { ...env, ...unit } })
  t.is((await update('--dry-run', ...format)).stdout, `app.service,${name},false,registry\n`)
  t.regex(await cli.ok('events', '--stream=false', '--filter', 'type=system'), /^\S.* system auto-update$/)
  const second = await release('2')
  t.is((await update('--dry-run', ...format)).stdout, `app.service,${name},pending,registry\n`)
  t.deepEqual([await idOf(name), await imageOf()], [old, old])

  const id = (await cli.ok('inspect', '--format', '{{.Id}}', 'app')).slice(0, 12)
  const updated = await update()
  const rows = updated.stdout.split('\n').map(line => line.split(/ {2,}/))
  t.deepEqual(rows, [
    ['UNIT', 'CONTAINER', 'IMAGE', 'POLICY', 'UPDATED'],
    ['app.service', `${id} (app)`, name, 'registry', 'true'],
    [''],
  ])
  t.regex(updated.stderr, /^Trying to pull /)
  t.deepEqual([await idOf(name), await imageOf()], [second, second])

  await release('3')
  await writeFile(join(cli.directory, 'fails'), 'once\n')
  const back = await update(...format)
  t.deepEqual([back.code, back.stdout], [0, `app.service,${name},rolled back,registry\n`])
  t.deepEqual([await idOf(name), await imageOf()], [second, second])

  await writeFile(join(cli.directory, 'fails'), 'once\n')
  const left = await update('--rollback=false', '--format', 'json')
  t.is(left.code, 125)
  const words = 'error restarting systemd unit "app.service": Job for app.service failed.'
  t.regex(left.stderr, new RegExp(`Error: restarting unit app.service during update: ${words}\n$`))
  t.like(JSON.parse(left.stdout)[0], { Unit: 'app.service', ContainerName: 'app', Updated: 'failed' })
  t.not(await idOf(name), second)
  const restarts = (await readFile(join(cli.directory, 'restarts'), 'utf8')).trim().split('\n')
  t.deepEqual(restarts, Array(4).fill('restart -- app.service'))

  await rm(join(cli.directory, 'bin', 'systemctl'))
  const without = await cli.run(['auto-update', '--tls-verify=false', '--rollback=false'], {
    env: { ...plainEnvironment, PATH: join(cli.directory, 'bin') },
  })
  t.is(without.code, 125)
  t.regex(without.stderr, /restarting unit app.service during update: units are restarted with systemctl, which is not/)
})

test('auto-update: only what its creator labelled, from the local store too; each problem is told', async t => {
  const cli = await openCliWithBusybox(t, 'auto-update-local')
  const env = await placeSystemctl(cli, 'true')
  const update = (...args: string[]) => cli.run(['auto-update', '--dry-run', ...args], { env })
  const sleeper = async (image: string, ...options: string[]): Promise<string> =>
    cli.ok('run', '--detach', ...none, ...options, image, 'sleep', '1000')
  const changes = ['LABEL io.containers.autoupdate=local', 'LABEL PODMAN_SYSTEMD_UNIT=ssh.service']
  const plain = await sleeper(busybox, '--label', 'io.containers.autoupdate=disabled', '--name', 'off')
  await cli.ok('commit', '--quiet', ...changes.flatMap(change => ['--change', change]), plain, 'localhost/sly')
  await sleeper('localhost/sly')
  await cli.ok('commit', '--quiet', '--change', 'LABEL n=1', plain, 'localhost/sly')
  t.deepEqual(await update(), { code: 0, signal: null, stdout: '', stderr: '' })

  const local = ['--label', 'io.containers.autoupdate=local']
  const mine = await sleeper(busybox, ...local, '--label', 'PODMAN_SYSTEMD_UNIT=mine.service', '--name', 'mine')
  const row = ['--format', '{{.Unit}} {{.ContainerID}} {{.Image}} {{.Updated}} {{.Policy}}']
  t.is((await update(...row)).stdout, `mine.service ${mine} ${busybox} false local\n`)
  await cli.ok('commit', '--quiet', '--change', 'LABEL n=2', 'mine', busybox)
  t.is((await update(...row)).stdout, `mine.service ${mine} ${busybox} pending local\n`)

  const lost = await sleeper(busybox, ...local)
  const noUnit = `auto-updating container "${lost}": no PODMAN_SYSTEMD_UNIT label found`
  const one = await update(...row)
  t.deepEqual([one.code, one.stderr], [125, `Error: ${noUnit}\n`])
  t.is(one.stdout, `mine.service ${mine} ${busybox} pending local\n`)
  const fake = await sleeper(busybox, '--label', 'io.containers.autoupdate=fake')
  const policies = '["disabled" "image" "local" "registry"]'
  const invalid = `auto-updating container "${fake}": invalid auto-update policy "fake": valid policies are ${policies}`
  t.is((await update(...row)).stderr, `Error: 2 errors occurred:\n\t* ${noUnit}\n\t* ${invalid}\n`)

  const cases: readonly (readonly [readonly string[], string])[] = [
    [['auto-update', 'x'], '`podman auto-update` takes no arguments'],
    [
      ['create', '--label', 'io.containers.autoupdate=registry', 'short:latest'],
      'short name: auto updates require fully-qualified image reference: "short:latest"',
    ],
  ]
  for (const [args, message] of cases) {
    const { code, stderr } = await cli.run(args)
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
})
