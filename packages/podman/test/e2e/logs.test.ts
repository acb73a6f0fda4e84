import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('logs: --color paints whole lines, one colour a container; names stand only where there are several', async t => {
  const cli = await openCliWithBusybox(t, 'logs-color')
  for (const name of ['first', 'second']) {
    await cli.ok('run', '--network', 'none', '--name', name, busybox, 'echo', `of ${name}`)
  }
  t.is(await cli.ok('logs', '--color', 'first'), '\x1b[37mof first\x1b[0m')
  t.is(await cli.ok('logs', '--names', 'first'), 'of first')
  const both = await cli.ok('logs', '--color', '--names', 'first', 'second')
  t.deepEqual(both.split('\n').sort(), ['\x1b[31msecond of second\x1b[0m', '\x1b[37mfirst of first\x1b[0m'])
  const [id = ''] = (await cli.ok('ps', '--all', '--quiet', '--filter', 'name=first')).split('\n')
  t.true((await cli.ok('logs', 'first', 'second')).split('\n').includes(`${id} of first`))
})
