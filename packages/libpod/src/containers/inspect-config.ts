import { ownAnnotations } from '../plan/annotations.ts'
import { healthDefaults } from '../plan/health.ts'
import { signalName } from '../plan/signals.ts'
import { umaskText } from '../plan/umask.ts'
import type { Rooms } from '../rooms.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { ContainerRecord } from '../state/container.ts'
import { exposedPorts } from './exposed-ports.ts'
import type { StartedSpec } from './started-spec.ts'

interface Found {
  /** Of the last start, which added to what is known before. */
  readonly spec: StartedSpec | undefined
  readonly secrets: readonly unknown[]
}

/** The `Config` object of an inspected container: what it is. */
export function inspectConfig(
  rooms: Pick<Rooms, 'config'>,
  record: ContainerRecord,
  { spec: started, secrets }: Found,
): Readonly<Record<string, unknown>> {
  const { config, id } = record
  const { spec } = config
  const process = spec.process ?? {}
  const tty = process.terminal === 'tty'
  const stdin = process.stdin === 'open'
  const exposed = exposedPorts(config)
  return {
    Hostname: config.hostname || id.slice(0, 12),
    Domainname: '',
    User: config.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: tty,
    OpenStdin: stdin,
    StdinOnce: false,
    Env: environment(record, started),
    Cmd: config.command.length > 0 ? config.command : null,
    Image: config.imageName,
    Volumes: null,
    WorkingDir: config.workdir,
    Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : null,
    OnBuild: null,
    Labels: Object.keys(config.labels).length > 0 ? config.labels : null,
    Annotations: annotationsOf(record, started),
    StopSignal: signalName(config.stopSignal),
    ...inspectHealth(config.healthcheck),
    ...(spec.createCommand ? { CreateCommand: spec.createCommand } : {}),
    ...(process.timezone ? { Timezone: process.timezone } : {}),
    ...(spec.systemd === 'always' ? { SystemdMode: true } : {}),
    Umask: umaskText(process, rooms.config.containers),
    ...(secrets.length > 0 ? { Secrets: secrets } : {}),
    Timeout: spec.timeout ?? 0,
    StopTimeout: config.stopTimeout,
    Passwd: process.passwd !== 'leave',
    ...(spec.mounts?.chrootDirs?.length ? { ChrootDirs: spec.mounts.chrootDirs } : {}),
    sdNotifyMode: spec.sdnotify ?? 'container',
    ...(config.notifySocket ? { sdNotifySocket: config.notifySocket } : {}),
    ...(exposed.length > 0 ? { ExposedPorts: Object.fromEntries(exposed.map(port => [port, {}])) } : {}),
  }
}

/** What it is to get, and what the last start added to that: HOME, HOSTNAME and the like. Of secrets there is only that they are there. */
function environment({ config: { env, spec } }: ContainerRecord, started: StartedSpec | undefined): readonly string[] {
  const secrets = (spec.secrets ?? []).filter(({ as }) => as.kind === 'env')
  const hidden = new Set([...env.map(nameOf), ...secrets.map(({ source, as }) => as.target ?? source)])
  const added = (started?.process?.env ?? []).filter(line => !hidden.has(nameOf(line)))
  return [...env, ...added, ...secrets.map(({ source }) => `${source}=*******`)]
}

const nameOf = (line: string): string => line.slice(0, line.indexOf('='))

/** As the runtime was told or, before that, those that are known already. */
export function annotationsOf(record: ContainerRecord, started: StartedSpec | undefined) {
  const known = started?.annotations ?? ownAnnotations(record)
  return Object.keys(known).length > 0 ? known : null
}

/** The checks in an image config's spelling, and what else there is to say of them. */
function inspectHealth(health: HealthSpec | undefined): Readonly<Record<string, unknown>> {
  const { onFailure = 'none', logDestination = 'local', maxLogCount, maxLogSize } = { ...healthDefaults, ...health }
  const { test, startup } = health ?? {}
  return {
    ...(startup
      ? {
          StartupHealthCheck: {
            ...checkOf({ retries: 0, ...startup }),
            ...(startup.successes ? { Successes: startup.successes } : {}),
          },
        }
      : {}),
    ...(test?.length ? { Healthcheck: checkOf({ ...health, test }) } : {}),
    HealthcheckOnFailureAction: onFailure,
    HealthLogDestination: logDestination,
    HealthcheckMaxLogCount: maxLogCount,
    HealthcheckMaxLogSize: maxLogSize,
  }
}

function checkOf({ test, interval, timeout, retries, startPeriod }: HealthSpec): Readonly<Record<string, unknown>> {
  if (test?.[0] === 'NONE') return { Test: test }
  const figures = {
    StartPeriod: startPeriod,
    Interval: interval ?? healthDefaults.interval,
    Timeout: timeout ?? healthDefaults.timeout,
    Retries: retries ?? healthDefaults.retries,
  }
  return { Test: test, ...Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure)) }
}
