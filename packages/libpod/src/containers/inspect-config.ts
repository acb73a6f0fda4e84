import { signalName } from '../plan/signals.ts'
import type { ContainerRecord } from '../state/container.ts'

/** The `Config` object of an inspected container: what it is. */
export function inspectConfig({ config, id }: ContainerRecord): Readonly<Record<string, unknown>> {
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
    Labels: config.labels,
    Annotations: {
      'io.container.manager': 'libpod',
      'org.opencontainers.image.stopSignal': String(config.stopSignal),
      ...spec.annotations,
    },
    StopSignal: signalName(config.stopSignal),
    ...(config.healthcheck
      ? {
          Healthcheck: {
            Test: config.healthcheck.test,
            Interval: config.healthcheck.interval ?? 30e9,
            Timeout: config.healthcheck.timeout ?? 30e9,
            Retries: config.healthcheck.retries ?? 3,
            ...(config.healthcheck.startPeriod ? { StartPeriod: config.healthcheck.startPeriod } : {}),
          },
        }
      : {}),
    HealthcheckOnFailureAction: config.healthcheck?.onFailure ?? 'none',
    CreateCommand: spec.createCommand ?? null,
    ...(process.timezone ? { Timezone: process.timezone } : {}),
    Umask: (process.umask ?? 0o022).toString(8).padStart(4, '0'),
    ...(spec.secrets?.length ? { Secrets: spec.secrets.map(({ source }) => ({ Name: source })) } : {}),
    Timeout: spec.timeout ?? 0,
    StopTimeout: config.stopTimeout,
    Passwd: process.passwd !== 'leave',
    sdNotifyMode: spec.sdnotify ?? 'container',
    ExposedPorts: spec.network?.expose?.length ? Object.fromEntries(spec.network.expose.map(port => [port, {}])) : null,
  }
}
