import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('compose runs the provider with all its words, and the provider’s podman is this one with the same store', async t => {
  const cli = await openCliWithBusybox(t, 'compose')
  const [bin, scratch] = [join(cli.directory, 'bin'), join(cli.directory, 'scratch')]
  await Promise.all([mkdir(bin), mkdir(scratch)])
  const provider = join(bin, 'podman-compose')
  const script = '#!/bin/sh\necho "$DOCKER_HOST|$*"\npodman images --format "{{.Repository}}"\nexit $((STATUS + 0))\n'
  await writeFile(provider, script)
  await chmod(provider, 0o755)
  const env = { ...plainEnvironment, PATH: `${bin}:${plainEnvironment.PATH}`, TMPDIR: scratch }
  const compose = (args: readonly string[], more = {}) => cli.run(['compose', ...args], { env: { ...env, ...more } })
  const words = ['-f', 'a b.yaml', '--rm', '--root=x', 'up', '-d', '--help']
  const up = await compose(words)
  t.is(up.code, 0, up.stderr)
  t.is(up.stdout, `unix:///run/podman/podman.sock|${words.join(' ')}\n${busybox.replace(':latest', '')}\n`)
  t.true(up.stderr.includes(`>>>> Executing external compose provider "${provider}".`))
  const quiet = { PODMAN_COMPOSE_WARNING_LOGS: 'false', DOCKER_HOST: 'unix:///x', STATUS: '7' }
  const down = await compose(['down'], quiet)
  t.deepEqual([down.code, down.stderr], [7, `Error: executing ${provider} down: exit status 7\n`])
  t.regex(down.stdout, /^unix:\/\/\/x\|down\n/)
  t.regex((await compose([])).stdout, /\|--help\n/)
  t.regex((await compose(['--help'])).stdout, /^Run compose workloads via an external provider/)
  t.deepEqual(await readdir(scratch), [])
})

test('compose: the provider of the environment, of containers.conf, and none', async t => {
  const cli = await openCliWithBusybox(t, 'compose-providers')
  const conf = join(cli.directory, 'containers.conf')
  await writeFile(
    conf,
    '[engine]\ncompose_providers = ["no-such-compose", "$PLACE/echo"]\ncompose_warning_logs = false\n',
  )
  const configured = { ...plainEnvironment, CONTAINERS_CONF: conf }
  const run = (env: Readonly<Record<string, string>>) => cli.run(['compose', 'up'], { env })
  t.like(await run({ ...configured, PLACE: '/bin' }), { code: 0, stdout: 'up\n', stderr: '' })
  t.like(await run({ ...configured, PODMAN_COMPOSE_PROVIDER: '/bin/echo' }), { code: 0, stdout: 'up\n', stderr: '' })
  const none = await run({ ...configured, PLACE: '/nowhere' })
  t.deepEqual([none.code, none.stdout], [125, ''])
  t.is(
    none.stderr,
    'Error: looking up compose provider failed\n2 errors occurred:\n\t* exec: "no-such-compose": executable file not found in $PATH\n\t* exec: "/nowhere/echo": no such file or directory\n',
  )
})
