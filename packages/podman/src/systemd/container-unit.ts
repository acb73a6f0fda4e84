import { UsageError } from '../cli/usage-error.ts'
import { commandLine, escapeWord } from './command-line.ts'
import { type CreateCommand, type Grammar, takeApart, without } from './create-command.ts'
import { line, type Unit } from './unit-text.ts'
import type { ContainerFacts, UnitOptions } from './wishes.ts'

/** What a container of a pod depends on. */
export interface InPod {
  readonly podIdFile: string
  /** Names of the units of its pod and of the containers that it requires. */
  readonly boundTo: readonly string[]
}

/** The unit of a container: that starts the one there is, or with `fresh` makes a new one each time. @throws UsageError */
export function containerUnit(facts: ContainerFacts, options: UnitOptions, pod?: InPod): Unit {
  const made = options.what === 'existing' ? existing(facts, options) : fresh(facts, options, pod)
  const bound = (pod?.boundTo ?? []).map(name => `${name}.service`).toSorted()
  return {
    name: options.serviceName('container', facts),
    kind: options.what === 'template' ? 'template' : 'service',
    runRoot: options.what === 'existing' ? facts.runRoot : '%t/containers',
    company: [...line('BindsTo', bound), ...line('After', bound)],
    environment: [...made.environment, ...options.environment.map(escapeWord)],
    service: [
      `Restart=${options.restartPolicy ?? made.restart ?? 'on-failure'}`,
      ...(options.restartSec ? [`RestartSec=${options.restartSec}`] : []),
      ...(options.restartPolicy === undefined && made.burst ? [`StartLimitBurst=${made.burst}`] : []),
      ...(options.startTimeout ? [`TimeoutStartSec=${options.startTimeout}`] : []),
      `TimeoutStopSec=${60 + (options.stopTimeout ?? facts.stopTimeout)}`,
      ...made.service,
    ],
  }
}

interface Made {
  readonly service: readonly string[]
  readonly environment: readonly string[]
  readonly restart?: string
  readonly burst?: string
}

function existing(facts: ContainerFacts, options: UnitOptions): Made {
  const { program, stopTimeout = facts.stopTimeout } = options
  const name = options.nameOf(facts)
  const stop = `${program} stop  \\\n\t-t ${stopTimeout} ${name}`
  return {
    service: [
      `ExecStart=${program} start ${name}`,
      `ExecStop=${stop}`,
      `ExecStopPost=${stop}`,
      `PIDFile=${facts.pidFile}`,
      'Type=forking',
    ],
    environment: [],
  }
}

const idFile = '--cidfile=%t/%n.ctr-id'

function fresh(facts: ContainerFacts, options: UnitOptions, pod: InPod | undefined): Made {
  const { program, stopTimeout = facts.stopTimeout } = options
  const command = createCommandOf(facts, options.runGrammar)
  const start = startWords(command, pod)
  const words =
    options.what === 'template'
      ? forInstances(start, command.root.length, options.serviceName('container', facts))
      : start
  const { restart, burst } = restartOf(command.value('restart'))
  return {
    service: [
      `ExecStart=${commandLine([program, ...words])}`,
      `ExecStop=${program} stop \\\n\t--ignore -t ${stopTimeout} \\\n\t${idFile}`,
      `ExecStopPost=${program} rm \\\n\t-f \\\n\t--ignore -t ${stopTimeout} \\\n\t${idFile}`,
      'Type=notify',
      'NotifyAccess=all',
    ],
    environment: inherited(command.value('env'), facts.env),
    ...(restart && { restart }),
    ...(burst && { burst }),
  }
}

/** @throws UsageError when no `run` or `create` of a command line made it */
function createCommandOf({ id, createCommand }: ContainerFacts, grammar: Grammar): CreateCommand {
  if (!createCommand)
    throw new UsageError(
      `cannot use --new on container ${JSON.stringify(id)}: no create command found: only works on containers created directly with podman but not via REST API`,
    )
  const verb = createCommand.findIndex(word => word === 'run' || word === 'create')
  if (verb < 0) throw new UsageError(`container's create command is too short or invalid: [${createCommand.join(' ')}]`)
  const command = takeApart(createCommand, verb + 1, grammar)
  if (command.given('init-ctr'))
    throw new UsageError(`unsupported container ${id}: cannot generate systemd units for init containers`)
  return command
}

/** What follows the program; escaped. */
function startWords(command: CreateCommand, pod: InPod | undefined): readonly string[] {
  const notify = command.given('sdnotify') ? String(command.value('sdnotify')) : undefined
  const detached = command.value('detach') === true
  const replaces = !command.given('name') || command.value('replace') === true
  const podFlags = pod ? ['--pod', '--pod-id-file', '--infra-conmon-pidfile'] : []
  const kept = without(command.options, {
    valued: ['--cgroups', '--cidfile', '--restart', ...podFlags, ...(notify === 'ignore' ? ['--sdnotify'] : [])],
    switches: ['--rm', ...(detached ? [] : ['-d', '--detach']), ...(replaces ? [] : ['--replace'])],
  })
  return [
    ...command.root.map(escapeWord),
    'run',
    idFile,
    '--cgroups=no-conmon',
    '--rm',
    ...(pod ? ['--pod-id-file', pod.podIdFile] : []),
    ...(notify === undefined || notify === 'ignore' ? ['--sdnotify=conmon'] : []),
    ...(detached ? [] : ['-d']),
    ...(replaces ? [] : ['--replace']),
    ...[...kept, ...command.rest].map(escapeWord),
  ]
}

/** Each instance has a name of its own. */
function forInstances(words: readonly string[], verb: number, service: string): readonly string[] {
  const at = words.findIndex(word => word === '--name' || word.startsWith('--name='))
  if (at < 0) return words.toSpliced(verb + 1, 0, `--name=${service}-%i`)
  const place = words[at] === '--name' ? at + 1 : at
  return words.with(place, `${words[place]}-%i`)
}

/** In systemd's words. */
function restartOf(policy: unknown): { readonly restart?: string; readonly burst?: string } {
  if (typeof policy !== 'string' || policy === '') return {}
  if (policy === 'unless-stopped') return { restart: 'always' }
  const [restart = '', burst] = policy.split(':')
  return burst === undefined ? { restart } : { restart, burst }
}

/** `-e NAME` takes the value of who runs the command: systemd has none, so it gets the container's. */
function inherited(names: unknown, env: readonly string[]): readonly string[] {
  const bare = (Array.isArray(names) ? names : []).filter(name => !String(name).includes('='))
  const pairs = bare.flatMap(name => env.filter(pair => pair.startsWith(`${name}=`)).map(escapeWord))
  return pairs.length > 0 ? [pairs.join(' ')] : []
}
