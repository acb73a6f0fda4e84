import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const inspect = (cli: Cli, name: string, field: string): Promise<string> => cli.ok('inspect', '--format', field, name)

test('a clone is what its original is by now, and takes nothing that is another container’s', async t => {
  const cli = await openCliWithBusybox(t, 'clone')
  const cidFile = join(cli.directory, 'cid')
  const made = ['--name', 'first', '--replace', '--cidfile', cidFile, '--env', 'ONE=1', '--memory', '64m']
  const first = await cli.ok('create', ...made, '--network', 'none', busybox, 'sleep', '1000')
  const other = await cli.ok('create', '--name', 'other', busybox, 'true')
  await cli.ok('update', '--memory', '128m', '--env', 'ONE=2', '--restart', 'on-failure:3', 'first')
  const refused = await cli.run(['container', 'clone', 'first', 'other'])
  t.is(refused.code, 125)
  t.regex(refused.stderr, /the container name "other" is already in use/)
  t.is(await inspect(cli, 'other', '{{.Id}}'), other)
  t.is(
    (await cli.run(['rename', 'first', 'other'])).stderr,
    `Error: name other already in use, cannot rename container ${first}: container already exists\n`,
  )
  const clone = await cli.ok('container', 'clone', 'first')
  const fields = '{{.Name}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} {{.ImageName}} {{.Config.Env}}'
  t.regex(await inspect(cli, clone, fields), new RegExp(`^first-clone 134217728 on-failure ${busybox} .*ONE=2`))
  t.is(readFileSync(cidFile, 'utf8'), first)
  await cli.ok('rm', clone)
  t.true(existsSync(cidFile))
  const names = [await cli.ok('container', 'clone', 'first'), await cli.ok('container', 'clone', 'first-clone')]
  t.deepEqual(await Promise.all(names.map(id => inspect(cli, id, '{{.Name}}'))), ['first-clone', 'first-clone1'])
})

test('the original goes when its clone is there, and not before', async t => {
  const cli = await openCliWithBusybox(t, 'clone-destroy')
  const made = ['--name', 'first', '--network', 'none', '--stop-timeout', '0']
  await cli.ok('run', '--detach', ...made, busybox, 'sleep', '1000')
  for (const name of ['not/a/name', 'first'])
    t.is((await cli.run(['container', 'clone', '--destroy', '--force', 'first', name])).code, 125)
  t.is(await inspect(cli, 'first', '{{.State.Status}}'), 'running')
  t.is((await cli.run(['container', 'clone', '--force', 'first'])).code, 125)
  await cli.ok('container', 'clone', '--destroy', '--force', '--run', '--cpus', '0.5', 'first', 'second')
  t.is(await inspect(cli, 'second', '{{.State.Status}} {{.HostConfig.NanoCpus}}'), 'running 500000000')
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}}'), 'second')
})

test('the clone of a container in a pod is in the pod, or in another with what that shares', async t => {
  const cli = await openCliWithBusybox(t, 'clone-pod')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  for (const pod of ['one', 'two']) await cli.ok('pod', 'create', '--name', pod, '--share', 'ipc')
  await cli.ok('create', '--pod', 'one', '--name', 'member', busybox, 'true')
  await cli.ok('container', 'clone', 'member', 'beside')
  await cli.ok('container', 'clone', '--pod', 'two', 'member', 'there')
  const infra = async (pod: string): Promise<string> =>
    `container:${await cli.ok('pod', 'inspect', '--format', '{{.InfraContainerID}}', pod)}`
  t.is(await inspect(cli, 'beside', '{{.HostConfig.IpcMode}}'), await infra('one'))
  t.is(await inspect(cli, 'there', '{{.HostConfig.IpcMode}}'), await infra('two'))
  const id = await cli.ok('pod', 'inspect', '--format', '{{.ID}}', 'two')
  t.true((await inspect(cli, 'there', '{{.HostConfig.CgroupParent}}')).endsWith(`/${id}`))
})
