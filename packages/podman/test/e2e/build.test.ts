import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

async function context(cli: Cli, name: string, lines: readonly string[]): Promise<string> {
  const directory = join(cli.directory, name)
  await mkdir(directory)
  await writeFile(join(directory, 'Containerfile'), `${lines.join('\n')}\n`)
  return directory
}

const from = `FROM ${busybox}`

test('build prints steps and the id, which the file of --iidfile has too', async t => {
  const cli = await openCliWithBusybox(t, 'build')
  const directory = await context(cli, 'ctx', [from, 'ARG a=1', 'RUN echo "a is $a" >/a', 'CMD ["cat", "/a"]'])
  const file = join(cli.directory, 'id')
  const { code, stdout, stderr } = await cli.run([
    'build',
    '-t',
    'made',
    '--build-arg=a=2',
    '--iidfile',
    file,
    directory,
  ])
  t.is(code, 0, stderr)
  const id = stdout.trimEnd().split('\n').at(-1) ?? ''
  t.regex(stdout, /^STEP 3\/4: .*\n--> [0-9a-f]{11,12}\nSTEP 4\/4: /m, 'each step tells its image')
  t.regex(stdout, new RegExp(`^COMMIT made\n--> ${id.slice(0, 11)}.?\n`, 'm'))
  t.regex(stdout, /^STEP 1\/4: FROM localhost\/busybox:latest\n(.*\n)*COMMIT made\n(.*\n)*[0-9a-f]{64}\n$/)
  t.is(await readFile(file, 'utf8'), `sha256:${id}`)
  t.is(await cli.ok('images', '--no-trunc', '-q', 'made'), `sha256:${id}`)
  t.is(await cli.ok('run', '--rm', '--network', 'none', 'made'), 'a is 2')
  t.regex(await cli.ok('events', '--stream=false', '--filter', 'event=build'), new RegExp(`image build ${id}`))
  t.is(await cli.ok('build', '-q', '-t', 'made', '--build-arg=a=2', directory), id, 'made of what was kept')
})

test('its other names, a file from standard input, and a file of arguments', async t => {
  const cli = await openCliWithBusybox(t, 'names')
  const directory = await context(cli, 'ctx', [from])
  for (const name of [
    ['image', 'build'],
    ['buildx', 'build'],
    ['builder', 'build'],
  ])
    t.regex(await cli.ok(...name, '--quiet', directory), /^[0-9a-f]{64}$/)
  const file = join(cli.directory, 'args')
  await writeFile(file, '# of one\none=1\ntwo=2\n')
  const input = `${from}\nARG one\nARG two\nRUN echo "$one $two"\n`
  const read = await cli.run(['build', '--build-arg-file', file, '--build-arg', 'two=3', '-f', '-', directory], {
    input,
  })
  t.regex(read.stdout, /^1 3$/m, read.stderr)
})

test('an ignore file anywhere, and a relative directory of temporary files', async t => {
  const cli = await openCliWithBusybox(t, 'ignore')
  const directory = await context(cli, 'ctx', [from, 'COPY . /all', 'RUN ls /all'])
  await writeFile(join(directory, 'kept'), '')
  await writeFile(join(directory, 'left'), '')
  const ignore = join(cli.directory, 'ignore')
  await writeFile(ignore, 'left\n')
  await mkdir(join(cli.directory, 'temporary'))
  for (const file of [ignore, 'ignore']) {
    const env = { ...plainEnvironment, TMPDIR: 'temporary' }
    const args = ['build', '--no-cache', '--ignorefile', file, directory]
    const { stdout, stderr } = await cli.run(args, { cwd: cli.directory, env })
    t.regex(stdout, /^kept$/m, stderr)
    t.notRegex(stdout, /^left$/m)
  }
})

test('the log has everything and standard output nothing', async t => {
  const cli = await openCliWithBusybox(t, 'log')
  const directory = await context(cli, 'ctx', [from, 'RUN echo said'])
  const log = join(cli.directory, 'log')
  const { code, stdout } = await cli.run(['build', '--logfile', log, directory])
  t.deepEqual([code, stdout], [0, ''])
  t.regex(await readFile(log, 'utf8'), /^STEP 1\/2(.*\n)*said\n(.*\n)*[0-9a-f]{64}\n$/)
})

test('volumes of an image are what the option says, or else image_volume_mode of containers.conf', async t => {
  const cli = await openCliWithBusybox(t, 'image-volumes')
  const directory = await context(cli, 'ctx', [from, 'VOLUME /data'])
  await cli.ok('build', '-q', '-t', 'made', directory)
  const config = join(cli.directory, 'containers.conf')
  await writeFile(config, '[engine]\nimage_volume_mode = "tmpfs"\n')
  const env = { ...plainEnvironment, CONTAINERS_CONF_OVERRIDE: config }
  const mounted = async (...options: string[]) => {
    const script = "grep -c ' /data tmpfs' /proc/mounts; test -e /data; echo $?"
    const args = ['run', '--rm', '--network', 'none', ...options, 'made', 'sh', '-c', script]
    return (await cli.run(args, { env })).stdout
  }
  t.is(await mounted(), '1\n0\n')
  t.is(await mounted('--image-volume', 'bind'), '0\n0\n')
  t.is(await mounted('--image-volume', 'ignore'), '0\n1\n')
})

test('credentials where the environment says, which are not there, are not missed', async t => {
  const cli = await openCliWithBusybox(t, 'credentials')
  const directory = await context(cli, 'ctx', [from])
  const env = { ...plainEnvironment, REGISTRY_AUTH_FILE: join(cli.directory, 'nonexistent') }
  t.is((await cli.run(['build', directory], { env })).code, 0)
})

test('the status is that of the step, and what went wrong is told once', async t => {
  const cli = await openCliWithBusybox(t, 'failing')
  const directory = await context(cli, 'ctx', [from, 'RUN exit 7'])
  const { code, stderr } = await cli.run(['build', directory])
  t.is(code, 7)
  t.is(stderr.match(/^Error: /gm)?.length, 1, stderr)
  t.is(await cli.ok('ps', '--all', '--external', '--quiet'), '')
})

for (const [args, message] of [
  [['--pull=perhaps', '.'], 'unrecognized pull policy "perhaps"'],
  [['--pull', '--pull-never', '.'], "can only set one of 'pull' or 'pull-always' or 'pull-never'"],
  [['--format', 'tar', '.'], 'unrecognized image type "tar"'],
  [['--isolation', 'vm', '.'], 'unrecognized isolation type "vm"'],
  [['--squash', '--squash-all', '.'], 'cannot specify --squash-all with --squash'],
  [['--network=none', '--dns=1.1.1.1', '.'], 'the --dns option cannot be used with --network=none'],
  [['--network=private', '--isolation=chroot', '.'], 'cannot set --network other than host with --isolation chroot'],
  [
    ['--platform=linux/arm64', '--arch=arm64', '.'],
    'invalid --platform may not be used with --os, --arch, or --variant',
  ],
  [['--build-context=x', '.'], 'while parsing additional build context: x, accepts value in the form of key=value'],
  [['--memory=much', '.'], "invalid size: 'much'"],
  [
    ['--authfile=/nonexistent', '.'],
    'credential file is not accessible: faccessat /nonexistent: no such file or directory',
  ],
  [[], 'no context directory and no Containerfile specified'],
] as const)
  test(`refused before anything is built: build ${args.join(' ')}`, async t => {
    const cli = await openCliWithBusybox(t, 'refused')
    const { code, stderr, stdout } = await cli.run(['build', ...args])
    t.is(code, 125)
    t.is(stderr, `Error: ${message}\n`)
    t.is(stdout, '')
  })

test('pull options reach Buildah in a storage.conf, with what the own one says', async t => {
  const cli = await openCliWithBusybox(t, 'build-pull-options')
  const directory = await context(cli, 'ctx', [from, 'RUN true'])
  const option = ['--pull-option', 'enable_partial_images=true']
  const own = join(cli.directory, 'storage.conf')
  await writeFile(own, '[storage.options.overlay]\nmountopt = "metacopy=on"\n')
  const buildah = join(cli.directory, 'buildah')
  await writeFile(buildah, '#!/bin/sh\ncat "$CONTAINERS_STORAGE_CONF" >&2\nexec /usr/bin/buildah "$@"\n', {
    mode: 0o755,
  })
  const env = { ...plainEnvironment, CONTAINERS_STORAGE_CONF: own, PATH: `${cli.directory}:${process.env.PATH}` }
  const { code, stderr } = await cli.run([...option, 'build', directory], { env })
  t.is(code, 0, stderr)
  t.notRegex(stderr, /must be set/)
  t.regex(stderr, /\[storage\.options\.overlay\]\nmountopt = "metacopy=on"\n/)
  t.regex(stderr, /\[storage\.options\.pull_options\]\nenable_partial_images = "true"\n/)
})
