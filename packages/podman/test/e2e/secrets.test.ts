import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('--secret: modes whatever the umask is, places, and what makes no sense', async t => {
  const cli = await openCliWithBusybox(t, 'secrets')
  const file = join(cli.directory, 'data')
  await writeFile(file, 'hidden')
  await cli.ok('secret', 'create', 'one', file)
  const run = (secret: string, ...command: readonly string[]) =>
    cli.ok('run', '--rm', '--network', 'none', '--secret', secret, busybox, ...command)
  const stat = ['stat', '-c', '%a %u:%g', '/run/secrets/one']
  t.is(await run('one', ...stat), '444 0:0')
  t.is(await run('one,mode=666,uid=5,gid=6', ...stat), '666 5:6')
  t.is(await run('one,mode=7777', ...stat), '777 0:0')
  t.is(await run('one,target=', 'cat', '/run/secrets/one'), 'hidden')
  t.is(await run('one,target=/else/where', 'cat', '/else/where'), 'hidden')
  t.is(await run('one,type=env,target=', 'sh', '-c', 'echo $one'), 'hidden')
  t.is(await run('one,type=env,target=X', 'sh', '-c', 'echo $X'), 'hidden')
  for (const [secret, reason] of [
    ['one,mode=8', 'mode 8 invalid'],
    ['one,uid=root', 'UID root invalid'],
    ['one,gid=-1', 'GID -1 invalid'],
    ['one,relabel=shared', 'option relabel=shared invalid'],
    ['one,U', 'option U must be in form option=value'],
    ['one,type=ENV', 'type ENV is invalid'],
    ['one,type=env,uid=5', 'UID, GID, Mode options cannot be set with secret type env'],
  ]) {
    const { code, stderr } = await cli.run(['create', '--secret', secret ?? '', busybox])
    t.deepEqual([code, stderr], [125, `Error: ${reason}: parsing secret\n`], secret)
  }
})

test('secret ls: filters are expressions; a row as JSON', async t => {
  const cli = await openCliWithBusybox(t, 'secret-ls')
  const file = join(cli.directory, 'data')
  await writeFile(file, 'hidden')
  const id = await cli.ok('secret', 'create', 'first', file)
  await cli.ok('secret', 'create', 'other-first', file)
  const names = (filter: string) => cli.ok('secret', 'ls', '--filter', filter, '--format', '{{.Name}}')
  t.is(await names('name=^first$'), 'first')
  t.is((await names('name=first')).split('\n').length, 2)
  t.is(await names(`id=${id.slice(2, 12)}`), 'first')
  const row = JSON.parse(await cli.ok('secret', 'ls', '--filter', 'name=^first', '--format', '{{json .}}'))
  t.like(row, { ID: id, Name: 'first', Driver: 'file' })
  t.deepEqual(Object.keys(row), ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'])
})
