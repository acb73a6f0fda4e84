import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const recipe = `FROM ${busybox}
VOLUME /kept
STOPSIGNAL SIGQUIT
EXPOSE 99
LABEL of=image
ENV ONLY=image
HEALTHCHECK --interval=7s CMD true
SHELL ["/bin/sh", "-e"]
ONBUILD RUN echo
`

async function containerOfRichImage(cli: Cli): Promise<void> {
  writeFileSync(join(cli.directory, 'Containerfile'), recipe)
  await cli.ok('build', '--quiet', '--format', 'docker', '--tag', 'rich', cli.directory)
  const mounts = ['--volume', '/anonymous', '--volume', 'named:/named', '--tmpfs', '/scratch']
  const settings = ['--network', 'none', '--unsetenv', 'ONLY', '--label', 'own=1', '--expose', '7/udp']
  await cli.ok('create', '--name', 'made', ...mounts, ...settings, 'rich', 'true')
}

async function committed(cli: Cli, ...options: string[]) {
  await cli.ok('commit', '--quiet', ...options, 'made', 'again')
  const image = JSON.parse(await cli.ok('image', 'inspect', 'again'))[0]
  const key = Buffer.from(`sha256:${image.Id}`).toString('base64')
  const config = readFileSync(join(cli.root, 'overlay-images', image.Id, `=${key}`), 'utf8')
  return { ...image, stored: JSON.parse(config) }
}

test('commit keeps what the image said of itself, and lays the container’s settings over it', async t => {
  const cli = await openCliWithBusybox(t, 'commit-inherits')
  await containerOfRichImage(cli)
  const { Config, Comment, Healthcheck, History, stored } = await committed(
    cli,
    '--format',
    'docker',
    '--message',
    'why',
  )
  t.like(Config, {
    StopSignal: 'SIGQUIT',
    Labels: { of: 'image', own: '1' },
    ExposedPorts: { '99/tcp': {}, '7/udp': {} },
    Volumes: { '/kept': {}, '/anonymous': {} },
  })
  t.deepEqual(Object.keys(Config.Volumes).sort(), ['/anonymous', '/kept'])
  t.true(Config.Env.includes('ONLY=image'), 'the container’s lack of a variable is not the image’s')
  t.deepEqual([stored.config.OnBuild, stored.config.Shell], [['RUN echo'], ['/bin/sh', '-e']])
  t.is(stored.container, await cli.ok('inspect', '--format', '{{.Id}}', 'made'))
  t.deepEqual(Healthcheck.Test, ['CMD-SHELL', 'true'])
  t.deepEqual([Comment, History.at(-1).comment], ['why', 'FROM localhost/rich:latest'])
  t.is(History.at(-1).created_by, '/bin/sh -e')
})

test('commit: OCI’s form has no ONBUILD or HEALTHCHECK; --include-volumes adds every mount point', async t => {
  const cli = await openCliWithBusybox(t, 'commit-oci')
  await containerOfRichImage(cli)
  const { Config, Healthcheck, stored } = await committed(cli, '--include-volumes', '--change', 'ONBUILD RUN x')
  t.is(stored.config.OnBuild, undefined)
  t.is(Healthcheck, undefined)
  t.is(Config.StopSignal, 'SIGQUIT')
  t.deepEqual(Object.keys(Config.Volumes).sort(), ['/anonymous', '/kept', '/named', '/scratch'])
})

test('commit says nothing of copying before it is known that it can', async t => {
  const cli = await openCliWithBusybox(t, 'commit-words')
  await cli.ok('create', '--name', 'made', busybox)
  const { code, stderr } = await cli.run(['commit', '--change', 'RUN x', 'made', 'again'])
  t.deepEqual([code, stderr], [125, 'Error: invalid change "RUN x" - invalid instruction RUN\n'])
})

test('import notes in the history that it was a tarball, as other tools do', async t => {
  const cli = await openCliWithBusybox(t, 'import-history')
  const shown = await cli.ok('history', '--no-trunc', '--format', '{{.Comment}}|{{.CreatedBy}}', busybox)
  t.regex(shown, /^imported from tarball\|\/bin\/sh -c #\(nop\) ADD file:[0-9a-f]{64} in \/$/)
})
