import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

async function labelled(
  t: Parameters<typeof openCliWithBusybox>[0],
  labels: Readonly<Record<string, string>>,
): Promise<Cli> {
  const cli = await openCliWithBusybox(t, 'runlabel')
  const changes = Object.entries(labels).flatMap(([key, value]) => [
    '--change',
    `LABEL ${key}=${JSON.stringify(value)}`,
  ])
  const id = await cli.ok('create', '--network', 'none', busybox)
  await cli.ok('commit', '--quiet', ...changes, id, 'localhost/labelled:1')
  await cli.ok('rm', id)
  return cli
}

test('a label starts a container of its image, in the same store, and replaces the one before', async t => {
  const run = `podman run --network none --name \${NAME} -e IMAGE=IMAGE IMAGE /bin/sh -c 'echo $IMAGE is ours'`
  const cli = await labelled(t, { RUN: run })
  const say = 'localhost/labelled:1 is ours'
  t.is(await cli.ok('container', 'runlabel', '--name', 'mine', 'run', 'labelled:1'), say)
  t.is(await cli.ok('container', 'runlabel', '--replace', '-n', 'mine', 'run', 'labelled:1'), say)
  t.is(await cli.ok('ps', '-a', '--format', '{{.Names}} {{.Image}}'), 'mine localhost/labelled:1')
  const again = await cli.run(['container', 'runlabel', '--name', 'mine', 'run', 'labelled:1'])
  t.is(again.code, 125, 'the name is taken')
  t.regex(again.stderr, /Error: exit status 125\n$/)
})

test('--display shows the command and starts nothing', async t => {
  const cli = await labelled(t, {
    install: `docker run --rm -v $HOME:/h \${OPT1} -e N=$NAME \${IMAGE} /install \${OPT3}`,
  })
  const shown = await cli.ok('container', 'runlabel', '--opt1=-t', '--display', 'INSTALL', 'labelled:1', 'more')
  const words = 'run --rm -v /root:/h -t -e N=labelled localhost/labelled:1 /install more'
  t.true(shown.startsWith('command: /') && shown.endsWith(` ${words}`), shown)
  t.is(await cli.ok('ps', '-aq'), '')
})

test('a label that is missing, starts another program, or executes itself is refused', async t => {
  const cli = await labelled(t, { sh: 'sh -c id', loop: 'podman container runlabel loop IMAGE' })
  const refused = async (label: string) => {
    const { code, stdout, stderr } = await cli.run(['container', 'runlabel', label, 'labelled:1'])
    t.deepEqual([code, stdout], [125, ''])
    return stderr
  }
  t.is(await refused('gone'), 'Error: cannot find the value of label: gone in image: labelled:1\n')
  t.is(await refused('sh'), 'Error: the label starts "sh": only podman and docker are run for a label\n')
  t.regex(await refused('loop'), /^Error: a label that is executed cannot execute a label itself\n/)
})
