import type { ExecJob, LogTarget, MonitorJob } from './job.ts'

type Argument = string | false | undefined
const flag = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [name, String(value)]
const when = (name: string, wanted: boolean | undefined): string[] => (wanted ? [name] : [])
const each = (name: string, values: readonly string[] = []): string[] => values.flatMap(value => [name, value])
const present = (value: Argument): value is string => typeof value === 'string'

/** conmon's word for a log target: `driver:path`, or the driver alone where there is no file. */
function logPath({ driver, path }: LogTarget): string {
  const word = driver === 'json-file' ? 'k8s-file' : driver
  return word === 'k8s-file' ? `${word}:${path ?? ''}` : word
}

function logArguments(log: LogTarget): string[] {
  return [
    ...['-l', logPath(log)],
    ...flag('--log-size-max', log.sizeMax),
    ...when('--no-sync-log', log.unsynced),
    ...flag('--log-tag', log.tag || undefined),
    ...each('--log-label', log.labels),
  ]
}

function exitArguments({ exitCommand = [], exitDelay }: MonitorJob | ExecJob): string[] {
  const [program, ...args] = exitCommand
  if (program === undefined) return []
  return ['--exit-command', program, ...each('--exit-command-arg', args), ...flag('--exit-delay', exitDelay)]
}

/** The runtime counts from 3 to the last. */
const preserved = ({ preserveFds = [] }: MonitorJob | ExecJob): readonly string[] =>
  preserveFds.length === 0 ? [] : ['--preserve-fds', String(Math.max(...preserveFds) - 2)]

function sharedArguments(job: MonitorJob | ExecJob, uuid: string): string[] {
  return [
    ...['--api-version', '1', '-c', job.containerId, '-u', uuid, '-r', job.runtimeProgram ?? job.runtime],
    ...['-b', job.bundle, '-p', job.pidFile, '-n', job.name],
    ...['--exit-dir', job.exitDir, ...flag('--persist-dir', job.persistDir), '--full-attach'],
    ...when('-s', job.systemdCgroup),
    ...logArguments(job.log),
    ...flag('--log-level', job.logLevel),
    ...when('--syslog', job.syslog),
    // One word each: an argument that begins with a dash must not be taken for conmon's own.
    ...(job.runtimeArgs ?? []).map(argument => `--runtime-arg=${argument}`),
    ...[...(job.runtimeOptions ?? []), ...preserved(job)].map(option => `--runtime-opt=${option}`),
    ...when('-t', job.terminal),
    ...when('-i', job.stdin && !job.terminal),
    ...['--conmon-pidfile', job.conmonPidFile],
  ].filter(present)
}

/** The arguments of a conmon that creates a container (conmon(8)). */
export function monitorArguments(job: MonitorJob): string[] {
  return [
    ...sharedArguments(job, job.containerId),
    ...when('--no-pivot', job.noPivot),
    ...when('--no-new-keyring', job.noNewKeyring),
    ...flag('--restore', job.restore),
    ...flag('--sdnotify-socket', job.sdnotifySocket),
    ...flag('--timeout', job.timeout || undefined),
    ...exitArguments(job),
  ]
}

/** The arguments of a conmon that runs a command within a container. */
export function execArguments(job: ExecJob): string[] {
  return [
    ...sharedArguments(job, job.sessionId),
    ...['-e', '--exec-attach', '--exec-process-spec', job.processFile],
    ...exitArguments(job),
  ]
}
