import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCli, openCliWithBusybox } from './cli.ts'

for (const format of ['docker-archive', 'oci-archive']) {
  test(`save as ${format}: another store loads it, and so does skopeo`, async t => {
    const cli = await openCliWithBusybox(t, 'save')
    const archive = join(cli.directory, `${format}.tar`)
    await cli.ok('save', '--quiet', '--format', format, '--output', archive, busybox)
    const id = await cli.ok('inspect', '--format', '{{.Id}}', busybox)
    const other = await openCli(t, 'load')
    t.is(await other.ok('load', '--quiet', '--input', archive), `Loaded image: ${busybox}`)
    t.is(await other.ok('inspect', '--format', '{{.Id}}', busybox), id)
    t.is(await other.ok('run', '--rm', '--network', 'none', busybox, 'echo', 'loaded'), 'loaded')
    const seen = JSON.parse(await output('skopeo', ['inspect', '--config', `${format}:${archive}`]))
    t.is(seen.os, 'linux')
  })
}

test('load reads what skopeo wrote, from a file and from standard input', async t => {
  const cli = await openCliWithBusybox(t, 'skopeo')
  const archive = join(cli.directory, 'skopeo.tar')
  await output('skopeo', [
    ...['copy', '--quiet', `containers-storage:[overlay@${cli.root}+${join(cli.directory, 'run')}]${busybox}`],
    `docker-archive:${archive}:localhost/copied:2`,
  ])
  const other = await openCli(t, 'load-skopeo')
  t.is(await other.ok('load', '-q', '-i', archive), 'Loaded image: localhost/copied:2')
  t.regex(await other.ok('images', '--format', '{{.Repository}}:{{.Tag}}'), /^localhost\/copied:2$/)
})

test('what is no archive is refused by name', async t => {
  const cli = await openCli(t, 'no-archive')
  const { code, stderr } = await cli.run(['load', '-i', '/etc/passwd'])
  t.is(code, 125)
  t.regex(stderr, /payload does not match any of the supported image formats/)
  t.is((await cli.run(['load', '-i', '/no/such/file'])).code, 125)
})

for (const format of ['docker-archive', 'oci-archive']) {
  test(`a save as ${format} that fails leaves what was there, and nothing where nothing was`, async t => {
    const cli = await openCliWithBusybox(t, 'save-fails')
    const [there, none] = ['there', 'none'].map(name => join(cli.directory, name))
    await writeFile(there ?? '', 'precious')
    for (const file of [there, none]) {
      const { code } = await cli.run(['save', '-q', '--format', format, '-o', file ?? '', 'localhost/no-such-image'])
      t.is(code, 125)
    }
    t.is(await readFile(there ?? '', 'utf8'), 'precious')
    t.false(existsSync(none ?? ''))
  })
}

test('save does not write over an archive, and pull knows the images of its own store', async t => {
  const cli = await openCliWithBusybox(t, 'own-store')
  const archive = join(cli.directory, 'image.tar')
  await cli.ok('save', '--quiet', '--output', archive, busybox)
  const again = await cli.run(['save', '--quiet', '--output', archive, busybox])
  t.is(again.code, 125)
  t.regex(again.stderr, /^Error: docker-archive doesn't support modifying existing images$/m)
  const id = await cli.ok('image', 'inspect', '--format', '{{.Id}}', busybox)
  t.is(await cli.ok('pull', '--quiet', `containers-storage:${busybox}`), id)
  const unknown = await cli.run(['manifest', 'add', 'no-such-list', busybox])
  t.regex(unknown.stderr, /^Error: no-such-list: image not known$/m)
})
