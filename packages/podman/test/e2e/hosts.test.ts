import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('without a network a container still knows its own names', async t => {
  const cli = await openCliWithBusybox(t, 'hosts-none')
  const names = ['--hostname', 'own', '--name', 'called']
  const hosts = await cli.ok('run', '--rm', '--network', 'none', ...names, busybox, 'cat', '/etc/hosts')
  t.regex(hosts, /^127\.0\.0\.1\town called$/m)
})

test('secret inspect --pretty: with labels and without', async t => {
  const cli = await openCliWithBusybox(t, 'secret-pretty')
  await cli.run(['secret', 'create', 'bare', '-'], { input: 'x' })
  await cli.run(['secret', 'create', '--label', 'a=b', '--label', 'c', 'labelled', '-'], { input: 'x' })
  t.regex(await cli.ok('secret', 'inspect', '--pretty', 'bare'), /\nName: +bare\nDriver: +file\nCreated at: /)
  t.regex(
    await cli.ok('secret', 'inspect', '--pretty', 'labelled'),
    /\nName: +labelled\nLabels:\n - a=b\n - c\nDriver:/,
  )
})
