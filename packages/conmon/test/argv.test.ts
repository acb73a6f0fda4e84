import test from 'ava'
import { type ExecJob, execArguments, type MonitorJob, monitorArguments } from '../src/index.ts'

const job: MonitorJob = {
  conmon: '/usr/bin/conmon',
  containerId: 'abc',
  name: 'web',
  runtime: '/usr/bin/runc',
  bundle: '/b',
  pidFile: '/r/pidfile',
  conmonPidFile: '/r/conmon.pid',
  exitDir: '/exits',
  log: { driver: 'k8s-file', path: '/b/ctr.log' },
  terminal: false,
  stdin: false,
  env: {},
}
const exec: ExecJob = { ...job, sessionId: 'def', processFile: '/b/process.json' }
const following = (args: readonly string[], name: string): string | undefined => args[args.indexOf(name) + 1]

test('a container is named, and its files are where the job says', t => {
  const args = monitorArguments(job)
  t.is(args.slice(0, 8).join(' '), '--api-version 1 -c abc -u abc -r /usr/bin/runc')
  t.is(following(args, '-l'), 'k8s-file:/b/ctr.log')
  t.is(following(args, '--exit-dir'), '/exits')
  t.true(args.includes('--full-attach'))
})

test('json-file is what conmon calls k8s-file', t => {
  t.is(following(monitorArguments({ ...job, log: { driver: 'json-file', path: '/l' } }), '-l'), 'k8s-file:/l')
})

test('drivers without a file are their name alone', t => {
  for (const driver of ['journald', 'none', 'passthrough'] as const)
    t.is(following(monitorArguments({ ...job, log: { driver } }), '-l'), driver)
})

test('a terminal takes the place of the input pipe', t => {
  const args = monitorArguments({ ...job, terminal: true, stdin: true })
  t.true(args.includes('-t'))
  t.false(args.includes('-i'))
  t.true(monitorArguments({ ...job, stdin: true }).includes('-i'))
})

test('runtime arguments that look like options stay with the runtime', t => {
  const args = monitorArguments({ ...job, runtimeArgs: ['--root', '/x'], runtimeOptions: ['--preserve-fds', '1'] })
  t.deepEqual(
    args.filter(argument => argument.startsWith('--runtime-')),
    [...['--runtime-arg=--root', '--runtime-arg=/x', '--runtime-opt=--preserve-fds', '--runtime-opt=1']],
  )
})

test('every word of the exit command arrives', t => {
  const args = monitorArguments({ ...job, exitCommand: ['/bin/tool', 'container', 'cleanup', '--rm'], exitDelay: 300 })
  t.deepEqual(args.slice(args.indexOf('--exit-command')), [
    ...['--exit-command', '/bin/tool', '--exit-command-arg', 'container', '--exit-command-arg', 'cleanup'],
    ...['--exit-command-arg', '--rm', '--exit-delay', '300'],
  ])
})

test('what is not asked for is not mentioned', t => {
  const text = monitorArguments(job).join(' ')
  t.notRegex(
    text,
    /--exit-command|--timeout|--log-size-max|--log-tag|--persist-dir|--syslog|--no-pivot|-s |--restore|--sdnotify/,
  )
})

test('the rest of a job has its flags', t => {
  const args = monitorArguments({
    ...job,
    ...{
      persistDir: '/p',
      timeout: 5,
      noPivot: true,
      noNewKeyring: true,
      systemdCgroup: true,
      syslog: true,
      restore: '/c',
    },
    ...{ sdnotifySocket: '/n', logLevel: 'debug' },
    log: { driver: 'journald', tag: 'T', sizeMax: 10, labels: ['A=b'] },
  })
  const pairs = { '--persist-dir': '/p', '--timeout': '5', '--restore': '/c', '--log-tag': 'T', '--log-size-max': '10' }
  for (const [name, value] of Object.entries(pairs)) t.is(following(args, name), value)
  for (const name of ['--no-pivot', '--no-new-keyring', '-s', '--syslog']) t.true(args.includes(name))
  t.is(following(args, '--log-label'), 'A=b')
  t.is(following(args, '--sdnotify-socket'), '/n')
})

test('an exec session has its own uuid and a process file', t => {
  const args = execArguments(exec)
  t.is(following(args, '-c'), 'abc')
  t.is(following(args, '-u'), 'def')
  t.is(following(args, '--exec-process-spec'), '/b/process.json')
  t.true(args.includes('--exec-attach'))
})

test('a log that goes with its container is not waited for, and a copy of the runtime is run in its place', t => {
  const path = '/b/ctr.log'
  t.false(monitorArguments(job).includes('--no-sync-log'))
  t.true(monitorArguments({ ...job, log: { driver: 'k8s-file', path, unsynced: true } }).includes('--no-sync-log'))
  t.is(following(monitorArguments({ ...job, runtimeProgram: '/proc/7/fd/9' }), '-r'), '/proc/7/fd/9')
})
