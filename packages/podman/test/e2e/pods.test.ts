import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('init containers of a pod: one after the other before the rest, each time or once, and a failure keeps the pod from starting', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'init-containers')
  await cli.ok('pod', 'create', '--network', 'none', '--name', 'pod')
  const share = ['--pod', 'pod', '--volume', 'shared:/shared', '--stop-timeout', '0']
  const append = (word: string): string[] => [busybox, 'sh', '-c', `echo ${word} >> /shared/log; cat /shared/log`]
  await cli.ok('create', ...share, '--name', 'main', busybox, 'sh', '-c', 'echo main >> /shared/log; sleep 1000')
  await cli.ok('create', ...share, '--name', 'first', '--init-ctr', 'always', ...append('always'))
  await cli.ok('create', ...share, '--name', 'second', '--init-ctr', 'once', ...append('once'))
  await cli.ok('pod', 'start', 'pod')
  const log = async (): Promise<string> => (await cli.ok('exec', 'main', 'cat', '/shared/log')).replaceAll('\n', ' ')
  t.is(await log(), 'always once main')
  t.is(await cli.ok('pod', 'ps', '--format', '{{.Status}}'), 'Running')
  t.is((await cli.run(['container', 'exists', 'second'])).code, 1)
  await cli.ok('pod', 'stop', 'pod')
  await cli.ok('pod', 'start', 'pod')
  t.is(await log(), 'always once main always main')
  await cli.ok('pod', 'stop', 'pod')
  await cli.ok('create', ...share, '--name', 'bad', '--init-ctr', 'always', busybox, 'sh', '-c', 'exit 3')
  const failed = await cli.run(['pod', 'start', 'pod'])
  t.is(failed.code, 125)
  t.regex(failed.stderr, /init container [0-9a-f]{64} exited with code 3/)
  t.is(await cli.ok('inspect', '--format', '{{.State.Status}}', 'main'), 'exited')
  for (const [args, message] of [
    [['--init-ctr', 'always'], 'must specify pod value with init-ctr'],
    [['--pod', 'pod', '--init-ctr', 'now'], "init-ctr value must be 'always' or 'once'"],
  ] as const) {
    const { code, stderr } = await cli.run(['create', ...args, busybox])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'pod')
})
