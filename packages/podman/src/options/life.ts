import type { ContainerSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, list, string, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { type Caller, optionGroup } from './group.ts'
import { readLabels } from './labels.ts'
import { parseAssignments } from './pairs.ts'
import { someOf } from './process.ts'
import { parseRestart } from './restart.ts'
import { parseSecret } from './secrets.ts'

const flags = {
  annotation: list('Add annotations to container (key=value)'),
  cidfile: string('Write the container ID to the file'),
  'conmon-pidfile': string('Path to the file that will receive the PID of conmon'),
  'disable-content-trust': bool('This is a Docker specific option and is a NOOP', { hidden: 'yes' }),
  init: bool('Run an init binary inside the container that forwards signals and reaps processes'),
  'init-ctr': string('Run this container as an init container in a pod ("always"|"once")'),
  'init-path': string('Path to the container-init binary'),
  label: list('Set metadata on container', { short: 'l' }),
  'label-file': list('Read in a line delimited file of labels'),
  name: string('Assign a name to the container'),
  pidfile: string('Write the container process ID to the file'),
  pod: string('Run container in an existing pod'),
  'pod-id-file': string('Read the pod ID from the file'),
  pull: string('Pull image policy ("always"|"missing"|"never"|"newer")', { shown: '"missing"' }),
  replace: bool('If a container with the same name exists, replace it'),
  requires: strings('Add one or more requirement containers that must be started before this container will start'),
  restart: string(
    'Restart policy to apply when a container exits ("always"|"no"|"never"|"on-failure"|"unless-stopped")',
  ),
  rm: bool('Remove container and any anonymous unnamed volume associated with the container after exit'),
  rootfs: bool('The first argument is not an image but the rootfs to the exploded container'),
  sdnotify: string('control sd-notify behavior ("container"|"conmon"|"healthy"|"ignore")', { shown: '"container"' }),
  secret: list('Add secret to container'),
  systemd: string('Run container in systemd mode ("true"|"false"|"always")', { shown: '"true"' }),
  timeout: uint(
    'Maximum length of time a container is allowed to run. The container will be killed automatically after the time expires.',
  ),
}

type Values = FlagValues<typeof flags>
type LifePart = Omit<
  ContainerSpec,
  'process' | 'network' | 'mounts' | 'resources' | 'security' | 'health' | 'log' | 'image' | 'rootfs'
>

/** Name, labels, lifetime and company of the container. */
export const life = optionGroup({
  flags,
  toSpec(values, caller): LifePart {
    refuseContradictions(values)
    return defined({
      pullPolicy: values.pull === undefined ? undefined : pullPolicy(values.pull),
      name: values.name?.replace(/^\//, '') || undefined,
      pod: podOf(values, caller),
      onNameConflict: values.replace ? ('replace' as const) : undefined,
      labels: labelsOf(values, caller),
      annotations:
        values.annotation.length > 0
          ? parseAssignments(
              values.annotation,
              text => `annotations must be formatted KEY=VALUE: ${JSON.stringify(text)}`,
            )
          : undefined,
      onExit: values.rm ? ('remove' as const) : undefined,
      restart: values.restart === undefined ? undefined : parseRestart(values.restart),
      timeout: values.timeout || undefined,
      dependencies: someOf(values.requires),
      cidFile: values.cidfile,
      pidFile: values.pidfile,
      conmonPidFile: values['conmon-pidfile'],
      initContainer: values['init-ctr'] === undefined ? undefined : initContainer(values['init-ctr']),
      init: values.init ? defined({ path: values['init-path'] }) : undefined,
      systemd: values.systemd === undefined ? undefined : systemdMode(values.systemd),
      sdnotify: values.sdnotify === undefined ? undefined : sdnotifyMode(values.sdnotify),
      secrets: someOf(values.secret.map(parseSecret)),
    })
  },
})

function refuseContradictions(values: Values): void {
  if (values['init-ctr'] !== undefined && values.pod === undefined)
    throw new UsageError('must specify pod value with init-ctr')
  if (values['init-path'] !== undefined && !values.init) throw new UsageError('the --init-path option needs --init')
  if (values.replace && !values.name) throw new UsageError('cannot replace container without --name being set')
  const restarts = values.restart === undefined ? 'no' : parseRestart(values.restart).name
  if (values.rm && restarts !== 'no')
    throw new UsageError('the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"')
}

export function pullPolicy(text: string): NonNullable<ContainerSpec['pullPolicy']> {
  const word = text.toLowerCase()
  if (word === 'always' || word === 'missing' || word === 'never' || word === 'newer') return word
  if (word === 'ifnotpresent' || word === '') return 'missing'
  throw new UsageError(`unsupported pull policy ${JSON.stringify(text)}`)
}

function podOf(values: Values, caller: Caller): string | undefined {
  if (values.pod !== undefined && values['pod-id-file'] !== undefined)
    throw new UsageError('--pod and --pod-id-file cannot be set together')
  if (values['pod-id-file'] === undefined) return values.pod || undefined
  return caller.readText(values['pod-id-file']).split('\n', 1)[0]
}

function labelsOf(values: Values, caller: Caller): Record<string, string> | undefined {
  const labels = readLabels(values, caller)
  return Object.keys(labels).length > 0 ? labels : undefined
}

function initContainer(text: string): NonNullable<ContainerSpec['initContainer']> {
  if (text === 'always' || text === 'once') return text
  throw new UsageError("init-ctr value must be 'always' or 'once'")
}

function systemdMode(text: string): NonNullable<ContainerSpec['systemd']> {
  const word = text.toLowerCase()
  if (word === 'always') return 'always'
  if (word === 'true' || word === '1' || word === 't') return 'auto'
  if (word === 'false' || word === '0' || word === 'f') return 'never'
  throw new UsageError(`invalid value ${JSON.stringify(text)} for systemd option only supports "true,false,always"`)
}

function sdnotifyMode(text: string): NonNullable<ContainerSpec['sdnotify']> {
  if (text === 'container' || text === 'conmon' || text === 'ignore' || text === 'healthy') return text
  throw new UsageError(
    `running container create option: invalid sdnotify value ${JSON.stringify(text)}: must be container, conmon, healthy or ignore: invalid argument`,
  )
}
