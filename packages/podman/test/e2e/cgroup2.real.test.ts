import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Outcome, plainEnvironment, run, type Teardown } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const onlyV2 =
  'umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && echo ready && exec sleep infinity'

/** Programs that see a host whose only control groups are of version 2. What they are given by it depends on the host. */
async function unifiedHost(t: Teardown): Promise<(...words: readonly string[]) => Promise<Outcome>> {
  const holder: ChildProcess = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', onlyV2], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    holder.kill('SIGKILL')
    await once(holder, 'exit')
  })
  await Promise.race([
    once(holder.stdout ?? holder, 'data'),
    once(holder, 'exit').then(() => Promise.reject(new Error('no hierarchy of version 2 can be mounted'))),
  ])
  return (...words) => run('nsenter', [`--mount=/proc/${holder.pid}/ns/mnt`, '--', ...words], { env: plainEnvironment })
}

test('a container on a host of version 2 lives, is frozen, and has its devices filtered', async t => {
  const cli: Cli = await openCliWithBusybox(t, 'cgroup2')
  const onHost = await unifiedHost(t)
  const podman = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await onHost(...cli.argv, ...args)
    t.is(code, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  t.is(await podman('info', '--format', '{{.Host.CgroupsVersion}} {{.Host.CgroupManager}}'), 'v2 cgroupfs')
  // Without a limit: the controllers are where the host has them.
  const wish = ['--pids-limit', '0', '--network', 'none']
  const id = await podman('run', '--detach', ...wish, '--name', 'box', '--cap-add', 'mknod', busybox, 'sleep', '1000')
  const group = `/sys/fs/cgroup/libpod_parent/libpod-${id}`
  const setting = async (file: string): Promise<string> => (await onHost('cat', `${group}/${file}`)).stdout.trim()
  t.regex(await podman('exec', 'box', 'cat', '/proc/self/cgroup'), /^0::\/$/m)
  t.is(await podman('inspect', '--format', '{{.State.CgroupPath}}', 'box'), `/libpod_parent/libpod-${id}`)

  await podman('exec', 'box', 'mknod', '/memory', 'c', '1', '1')
  const { code, stderr } = await onHost(...cli.argv, 'exec', 'box', 'cat', '/memory')
  t.is(code, 1)
  t.regex(stderr, /Operation not permitted/)

  t.is(await setting('cgroup.freeze'), '0')
  await podman('pause', 'box')
  t.is(await setting('cgroup.freeze'), '1')
  t.regex(await podman('ps', '--all', '--format', '{{.Status}}'), /^Paused/)
  await podman('unpause', 'box')
  t.is(await setting('cgroup.freeze'), '0')

  const [figures] = JSON.parse(await podman('stats', '--no-stream', '--format', 'json', 'box'))
  t.is(figures.name, 'box')
  t.regex(figures.cpu_time, /^[0-9.]+m?s$/)
  await podman('rm', '--force', '--time', '0', 'box')
  t.not((await onHost('test', '-e', group)).code, 0, 'its group is gone')
  // Of version 1 this process is a member still, of hierarchies that are not mounted there.
  for (const name of ['memory', 'pids', 'cpu'])
    t.not(
      (await onHost('test', '-e', `/sys/fs/cgroup/${name}`)).code,
      0,
      `no group by the name of the hierarchy ${name}`,
    )
})
