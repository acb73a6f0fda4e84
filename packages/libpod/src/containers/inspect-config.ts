import { healthDefaults } from '../plan/health.ts'
import { signalName } from '../plan/signals.ts'
import { annotations } from '../plan/spec.ts'
import { umaskText } from '../plan/umask.ts'
import type { Rooms } from '../rooms.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { ContainerRecord } from '../state/container.ts'

/** The `Config` object of an inspected container: what it is. */
export function inspectConfig(
  rooms: Pick<Rooms, 'config'>,
  record: ContainerRecord,
): Readonly<Record<string, unknown>> {
  const { config, id } = record
  const { spec } = config
  const process = spec.process ?? {}
  const tty = process.terminal === 'tty'
  const stdin = process.stdin === 'open'
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
    Env: config.env,
    Cmd: config.command.length > 0 ? config.command : config.argv,
    Image: config.imageName,
    Volumes: null,
    WorkingDir: config.workdir,
    Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : null,
    OnBuild: null,
    Labels: Object.keys(config.labels).length > 0 ? config.labels : null,
    Annotations: annotations(record),
    StopSignal: signalName(config.stopSignal),
    ...inspectHealth(config.healthcheck),
    CreateCommand: spec.createCommand ?? null,
    ...(process.timezone ? { Timezone: process.timezone } : {}),
    ...(spec.systemd === 'always' ? { SystemdMode: true } : {}),
    Umask: umaskText(process, rooms.config.containers),
    ...(spec.secrets?.length ? { Secrets: spec.secrets.map(({ source }) => ({ Name: source })) } : {}),
    Timeout: spec.timeout ?? 0,
    StopTimeout: config.stopTimeout,
    Passwd: process.passwd !== 'leave',
    ...(spec.mounts?.chrootDirs?.length ? { ChrootDirs: spec.mounts.chrootDirs } : {}),
    sdNotifyMode: spec.sdnotify ?? 'container',
    ...(config.notifySocket ? { sdNotifySocket: config.notifySocket } : {}),
    ...(spec.network?.expose?.length
      ? { ExposedPorts: Object.fromEntries(spec.network.expose.map(port => [port, {}])) }
      : {}),
  }
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
