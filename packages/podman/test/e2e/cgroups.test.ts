import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainEnvironment, run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** Those that can work with this host's control groups. */
async function usableRuntimes(t: ExecutionContext, cli: Cli): Promise<readonly string[]> {
  const all = ['runc', 'crun']
  const tried = all.map(name => cli.run(['--runtime', name, 'run', '--rm', '--network', 'none', busybox, 'true']))
  const usable = (await Promise.all(tried)).flatMap(({ code }, at) => (code === 0 ? [all[at] ?? ''] : []))
  t.true(usable.length > 0)
  return usable
}

const groupsOf = (pid: string): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8')
const pidsOf = async (cli: Cli, name: string): Promise<readonly [pid: string, monitor: string]> => {
  const [pid = '', monitor = ''] = (
    await cli.ok('inspect', '--format', '{{.State.Pid}} {{.State.ConmonPid}}', name)
  ).split(' ')
  return [pid, monitor]
}

test('without a cgroup a container is in its monitor’s, has no parent, and cannot be paused', async t => {
  const cli = await openCliWithBusybox(t, 'no-cgroups')
  const disabled = ['run', '--detach', '--network', 'none', '--stop-timeout', '0', '--cgroups', 'disabled']
  for (const runtime of await usableRuntimes(t, cli)) {
    const made = await cli.run(['--runtime', runtime, ...disabled, '--name', runtime, busybox, 'sleep', '1000'])
    if (runtime === 'runc') {
      t.is(made.code, 125)
      t.regex(made.stderr, /requested OCI runtime runc is not compatible with NoCgroups: invalid argument/)
      continue
    }
    t.is(made.code, 0, made.stderr)
    const [pid, monitor] = await pidsOf(cli, runtime)
    t.is(groupsOf(pid), groupsOf(monitor))
    t.is(await cli.ok('inspect', '--format', '{{.State.CgroupPath}}', runtime), '')
    t.regex((await cli.run(['pause', runtime])).stderr, /cannot pause without using Cgroups/)
    const figures = ['stats', '--no-stream', '--format', '{{.Name}}']
    t.is(await cli.ok(...figures), '')
    const named = await cli.run([...figures, runtime])
    t.is(named.code, 125)
    t.regex(
      named.stderr,
      /cannot run top on container \w+ as it did not create a cgroup: this container does not have a/,
    )
    await cli.ok('stop', runtime)
  }
  for (const [args, message] of [
    [['--cgroup-parent', '/x'], /cannot set cgroup parent if not creating cgroups/],
    [['--pid', 'host'], /must create a private PID namespace/],
  ] as const)
    t.regex((await cli.run([...disabled, ...args, busybox])).stderr, message)
})

test('a monitor that is not to move stays in the cgroup of whoever started it', async t => {
  const cli = await openCliWithBusybox(t, 'no-conmon')
  const run = ['run', '--detach', '--network', 'none', '--stop-timeout', '0', '--cgroups', 'no-conmon', '--name']
  for (const runtime of await usableRuntimes(t, cli)) {
    await cli.ok('--runtime', runtime, ...run, runtime, busybox, 'sleep', '1000')
    const [pid, monitor] = await pidsOf(cli, runtime)
    t.true(groupsOf(pid).includes(`libpod-${await cli.ok('inspect', '--format', '{{.Id}}', runtime)}`))
    t.is(groupsOf(monitor), groupsOf('self'))
  }
})

/** Where hierarchies are mounted: one on a v2 host. */
const hierarchies = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .flatMap(line => (/ - cgroup2? /.test(line) ? [line.split(' ')[4] ?? ''] : []))

/** A service's cgroup, empty; gone after the test. */
function serviceGroup(t: ExecutionContext, name: string): string {
  for (const hierarchy of hierarchies) {
    const directory = join(hierarchy, name)
    mkdirSync(directory)
    t.teardown(() => removeGroup(directory))
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(hierarchy, file)))
        writeFileSync(join(directory, file), readFileSync(join(hierarchy, file), 'utf8').trim())
  }
  return name
}

function removeGroup(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(directory, entry.name))
  rmdirSync(directory)
}

test('a service’s cgroup is shared by the container and its monitor, side by side, also when it starts again', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'split')
  const enter = hierarchies.map(path => `echo $$ > ${path}/"$0"/cgroup.procs`).join('; ')
  for (const runtime of await usableRuntimes(t, cli)) {
    const group = serviceGroup(t, `libpod-split-${runtime}-${process.pid}`)
    const within = async (...args: string[]): Promise<void> => {
      const command = [...cli.argv, '--runtime', runtime, ...args]
      const { code, stderr } = await run('sh', ['-c', `${enter}; exec "$@"`, group, ...command], {
        env: plainEnvironment,
      })
      t.is(code, 0, stderr)
    }
    const name = `split-${runtime}`
    const options = ['--detach', '--network', 'none', '--stop-timeout', '0', '--cgroups', 'split', '--name', name]
    await within('run', ...options, busybox, 'sleep', '1000')
    const path = `/${group}/libpod-payload-${await cli.ok('inspect', '--format', '{{.Id}}', name)}`
    const placed = async (): Promise<void> => {
      const [pid, monitor] = await pidsOf(cli, name)
      t.true(groupsOf(pid).includes(`:${path}\n`))
      t.true(groupsOf(monitor).includes(`:/${group}/supervisor\n`))
      t.is(await cli.ok('inspect', '--format', '{{.State.CgroupPath}}', name), path)
    }
    await placed()
    await within('restart', '--time', '0', name)
    await placed()
    await cli.ok('rm', '--force', '--time', '0', name)
    t.deepEqual(
      hierarchies.filter(hierarchy => existsSync(join(hierarchy, path))),
      [],
    )
  }
  const both = await cli.run(['create', '--cgroups', 'split', '--cgroup-parent', '/x', busybox])
  t.regex(both.stderr, /cannot specify --cgroup-mode=split with a cgroup-parent/)
})

test('a container is managed by the runtime that made it, whatever new ones are made with', async t => {
  const cli = await openCliWithBusybox(t, 'its-runtime')
  const usable = await usableRuntimes(t, cli)
  const detached = ['run', '--detach', '--network', 'none', '--stop-timeout', '0', '--name']
  for (const runtime of usable) await cli.ok('--runtime', runtime, ...detached, runtime, busybox, 'sleep', '1000')
  for (const [at, runtime] of usable.entries()) {
    const other = usable.at(at - 1) ?? ''
    await cli.ok('--runtime', other, 'pause', runtime)
    await cli.ok('--runtime', other, 'unpause', runtime)
    await cli.ok('--runtime', other, 'exec', runtime, 'true')
    await cli.ok('--runtime', other, 'rm', '--force', '--time', '0', runtime)
    t.false(existsSync(`/run/${runtime}/${runtime}`))
  }
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
})

test('system migrate stops containers and gives them to another runtime', async t => {
  const cli = await openCliWithBusybox(t, 'migrate-runtime')
  const [runtime = ''] = await usableRuntimes(t, cli)
  const wrapper = join(cli.directory, 'wrapped')
  writeFileSync(wrapper, `#!/bin/sh\necho "$@" >>${wrapper}.log\nexec ${runtime} "$@"\n`, { mode: 0o755 })
  const run = ['--runtime', runtime, 'run', '--detach', '--network', 'none', '--stop-timeout', '0', '--name', 'box']
  const id = await cli.ok(...run, busybox, 'sleep', '1000')
  const undefinedRuntime = await cli.run(['system', 'migrate', '--new-runtime', 'nope'])
  t.is(undefinedRuntime.code, 125)
  t.regex(
    undefinedRuntime.stderr,
    /^Error: change to runtime "nope" requested but no such runtime is defined: invalid arg/,
  )
  t.is(await cli.ok('system', 'migrate', '--new-runtime', wrapper), `stopped ${id}`)
  t.is(await cli.ok('inspect', '--format', '{{.State.Status}} {{.OCIRuntime}}', 'box'), `exited ${wrapper}`)
  await cli.ok('start', 'box')
  t.regex(readFileSync(`${wrapper}.log`, 'utf8'), / create /)
  t.is(await cli.ok('exec', 'box', 'echo', 'still there'), 'still there')
  t.is(
    await cli.ok('system', 'migrate', '--migrate-db'),
    `stopped ${id}\nNo migration is necessary: backing database is already SQLite`,
  )
})
