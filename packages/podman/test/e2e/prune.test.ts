import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const question = 'Are you sure you want to continue? [y/N] '

/** What there is to prune, by a command that lists it. */
const kinds = {
  container: {
    make: (cli: Cli) => cli.ok('create', '--name', 'idle', '--network', 'none', busybox, 'true'),
    list: ['ps', '--all', '--format', '{{.Names}}'],
    name: 'idle',
  },
  volume: {
    make: (cli: Cli) => cli.ok('volume', 'create', 'unused'),
    list: ['volume', 'ls', '--format', '{{.Name}}'],
    name: 'unused',
  },
  pod: {
    make: async (cli: Cli) => {
      await cli.ok('pod', 'create', '--infra=false', '--name', 'ended')
      await cli.ok('run', '--pod', 'ended', '--network', 'none', busybox, 'true')
    },
    list: ['pod', 'ls', '--format', '{{.Name}}'],
    name: 'ended',
  },
} as const

for (const [noun, { make, list, name }] of Object.entries(kinds))
  test(`${noun} prune asks first: only a yes removes, and no answer at all is an error`, async t => {
    const cli = await openCliWithBusybox(t, `prune-${noun}`)
    await make(cli)
    for (const answer of ['n\n', '\n', 'no, not yet\n']) {
      const { code, stdout } = await cli.run([noun, 'prune'], { input: answer })
      t.is(code, 0)
      t.true(stdout.startsWith('WARNING! This will remove all '), stdout)
      t.true(stdout.endsWith(question), stdout)
    }
    const silent = await cli.run([noun, 'prune'], { input: '' })
    t.is(silent.code, 125)
    t.regex(silent.stderr, /^Error: EOF: nobody answered; --force asks nothing\n$/)
    t.is(await cli.ok(...list), name)
    const { code, stdout } = await cli.run([noun, 'prune'], { input: 'Yes\n' })
    t.is(code, 0)
    t.regex(stdout.slice(stdout.indexOf(question) + question.length), /^(unused|[0-9a-f]{64})\n$/)
    t.is(await cli.ok(...list), '')
  })

test('a pod that was never started is not pruned, nor are its containers', async t => {
  const cli = await openCliWithBusybox(t, 'prune-waiting')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'waits')
  await cli.ok('create', '--pod', 'waits', '--name', 'member', busybox, 'true')
  t.is(await cli.ok('pod', 'prune', '--force'), '')
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}} {{.PodName}}'), 'member waits')
})

test('system prune takes what nobody uses and leaves what is in use; volumes only when told', async t => {
  const cli = await openCliWithBusybox(t, 'prune-system')
  await cli.ok('create', '--name', 'idle', '--network', 'none', '--volume', 'used:/data', busybox, 'true')
  await cli.ok('run', '--detach', '--name', 'busy', '--network', 'none', busybox, 'sleep', '1000')
  await cli.ok('volume', 'create', 'unused')
  await cli.ok('commit', '--quiet', 'busy')
  const images = (await cli.ok('images', '--quiet')).split('\n')
  t.is(images.length, 2)
  const declined = await cli.run(['system', 'prune'], { input: 'n\n' })
  t.deepEqual([declined.code, declined.stdout.endsWith(question)], [0, true])
  t.is((await cli.ok('ps', '--all', '--quiet')).split('\n').length, 2)
  const pruned = await cli.ok('system', 'prune', '--force')
  t.regex(pruned, /^Deleted Containers\n[0-9a-f]{64}\nDeleted Images\n[0-9a-f]{64}\nTotal reclaimed space: /)
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}}'), 'busy')
  t.is(await cli.ok('images', '--format', '{{.Repository}}'), 'localhost/busybox')
  t.is(await cli.ok('volume', 'ls', '--format', '{{.Name}}'), 'unused\nused')
  t.regex(await cli.ok('system', 'prune', '--force', '--volumes'), /^Deleted Volumes\nunused\nused\n/)
  t.is(await cli.ok('volume', 'ls', '--quiet'), '')
})

test('system prune --external asks nothing, and goes with nothing else', async t => {
  const cli = await openCliWithBusybox(t, 'prune-external')
  const id = await cli.ok('create', busybox)
  t.like(await cli.run(['system', 'prune', '--external']), { code: 0, stdout: '', stderr: '' })
  t.is(await cli.ok('ps', '--all', '--quiet', '--no-trunc'), id)
  t.is((await cli.run(['system', 'prune', '--external', '--all'])).code, 125)
})
