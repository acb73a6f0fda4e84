import { rm } from 'node:fs/promises'
import { run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** An account of this host for one test, with ids of its own, and how a program is run as it. */
async function account(t: ExecutionContext, letter: string) {
  const name = `scp${letter}${process.pid}`
  const made = await run('useradd', ['--create-home', name])
  t.is(made.code, 0, made.stderr)
  const su = (command: string) => run('su', ['-', name, '-c', command])
  const uid = (await run('id', ['-u', name])).stdout.trim()
  t.teardown(async () => {
    // The store's files belong to many ids: only within their namespace can they all be removed.
    await su('unshare --user --map-root-user --map-auto rm -rf ~/.local')
    // Podman leaves a process that keeps a user's namespace; an account with processes cannot go.
    for (let gone = false; !gone; gone = (await run('userdel', ['--remove', name])).code !== 8)
      await run('pkill', ['--signal', 'KILL', '--uid', uid])
    for (const kind of ['storage-run', 'podman-run', 'containers-user'])
      await rm(`/tmp/${kind}-${uid}`, { recursive: true, force: true })
  })
  return { name, su }
}

const idOf = (cli: Cli, image: string) => cli.ok('image', 'inspect', '--format', '{{.Id}}', image)

test('image scp to another user of this host and back, who has a store of their own', async t => {
  const cli = await openCliWithBusybox(t, 'scp-user')
  const { name, su } = await account(t, 'a')
  const id = await idOf(cli, busybox)
  await cli.ok('tag', busybox, 'example.com/copied:1')
  t.is(
    await cli.ok('image', 'scp', '-q', 'example.com/copied:1', `${name}@localhost::`),
    'Loaded image: example.com/copied:1',
  )
  const theirs = await su(`podman --storage-driver overlay inspect --format '{{.Id}}' example.com/copied:1`)
  t.is(theirs.stdout.trim(), id, theirs.stderr)
  await cli.ok('untag', busybox, 'example.com/copied:1')
  t.regex(await cli.ok('image', 'scp', `${name}@localhost::example.com/copied:1`, 'localhost/back:2'), /Loaded image: /)
  t.is(await idOf(cli, 'localhost/back:2'), id)
})

test('image scp of what is not there, to nobody, and over the network', async t => {
  const cli = await openCliWithBusybox(t, 'scp-errors')
  const { name } = await account(t, 'b')
  const fails = async (message: RegExp, ...args: readonly string[]) => {
    const { code, stderr } = await cli.run(['image', 'scp', ...args])
    t.is(code, 125)
    t.regex(stderr, message)
  }
  await fails(/^Error: nonesuch:1: image not known$/m, 'nonesuch:1', `${name}@localhost::`)
  await fails(/^Error: nonesuch:1: image not known$/m, `${name}@localhost::nonesuch:1`)
  await fails(/^Error: user: unknown user no-such-user$/m, busybox, 'no-such-user@localhost::')
  await fails(/\$SUDO_USER must be defined to find the default rootless user/, `root@localhost::${busybox}`)
  await fails(/host::: only stores of this host/, busybox, 'host::')
})
