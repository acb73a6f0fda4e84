import { UsageError } from '../cli/usage-error.ts'
import { commandLine, escapeWord } from './command-line.ts'
import { containerUnit } from './container-unit.ts'
import { takeApart, without } from './create-command.ts'
import { line, type Unit } from './unit-text.ts'
import type { ContainerFacts, PodFacts, UnitOptions } from './wishes.ts'

/** The units of a pod, that of its infra container first, which the others are bound to. @throws UsageError */
export function podUnits(pod: PodFacts, options: UnitOptions): readonly Unit[] {
  if (options.what === 'template') throw new UsageError('--template is not supported for pods')
  const { infra } = pod
  if (!infra)
    throw new UsageError(`generating systemd unit files: Pod ${JSON.stringify(pod.name)} has no infra container`)
  const name = options.serviceName('pod', pod)
  const nameOf = new Map(pod.containers.map(each => [each.id, options.serviceName('container', each)]))
  const others = pod.containers.map(each => {
    const required = each.dependencies.flatMap(id => (id === infra.id ? [] : (nameOf.get(id) ?? [])))
    return containerUnit(each, options, { podIdFile: `%t/${name}.pod-id`, boundTo: [name, ...required] })
  })
  const services = [...nameOf.values()].map(each => `${each}.service`).toSorted()
  const made = options.what === 'fresh' ? fresh(pod, infra, options) : existing(infra, options)
  const main: Unit = {
    name,
    kind: 'service',
    runRoot: infra.runRoot,
    company: [`Wants=${services.join(' ')}`, `Before=${services.join(' ')}`],
    environment: [],
    service: [
      `Restart=${options.restartPolicy ?? 'on-failure'}`,
      ...(options.restartSec ? [`RestartSec=${options.restartSec}`] : []),
      ...line('TimeoutStopSec', [String(60 + (options.stopTimeout ?? infra.stopTimeout))]),
      ...made,
      'Type=forking',
    ],
  }
  return [main, ...others]
}

function existing(infra: ContainerFacts, options: UnitOptions): readonly string[] {
  const { program, stopTimeout = infra.stopTimeout } = options
  const name = options.nameOf(infra)
  const stop = `${program} stop  \\\n\t-t ${stopTimeout} ${name}`
  return [`ExecStart=${program} start ${name}`, `ExecStop=${stop}`, `ExecStopPost=${stop}`, `PIDFile=${infra.pidFile}`]
}

function fresh(pod: PodFacts, infra: ContainerFacts, options: UnitOptions): readonly string[] {
  const { program, stopTimeout = infra.stopTimeout } = options
  const name = options.serviceName('pod', pod)
  const [pidFile, idFile] = [`%t/${name}.pid`, `%t/${name}.pod-id`]
  const { root, words } = createWords(pod, options)
  const files = ['--infra-conmon-pidfile', pidFile, '--pod-id-file', idFile]
  const create = [program, ...root, 'pod', 'create', ...files, ...words]
  const itself = [program, ...root].join(' ')
  return [
    `ExecStartPre=${commandLine(create)}`,
    `ExecStart=${itself} pod start \\\n\t--pod-id-file ${idFile}`,
    `ExecStop=${itself} pod stop \\\n\t--ignore \\\n\t--pod-id-file ${idFile}  \\\n\t-t ${stopTimeout}`,
    `ExecStopPost=${itself} pod rm \\\n\t--ignore \\\n\t-f \\\n\t--pod-id-file ${idFile}`,
    `PIDFile=${pidFile}`,
  ]
}

/** Escaped. @throws UsageError when no `pod create` made it */
function createWords({ id, createCommand = [] }: PodFacts, { podGrammar }: UnitOptions) {
  if (createCommand.length === 0)
    throw new UsageError(`cannot use --new on pod ${JSON.stringify(id)}: no create command found`)
  const verb = createCommand.findIndex((word, at) => word === 'create' && createCommand[at - 1] === 'pod')
  if (verb < 0)
    throw new UsageError(`pod does not appear to be created via \`podman pod create\`: [${createCommand.join(' ')}]`)
  const command = takeApart(createCommand, verb + 1, podGrammar)
  const replaces = !command.given('name') || command.value('replace') === true
  const kept = without(command.options, {
    valued: ['--pod', '--pod-id-file', '--infra-conmon-pidfile'],
    switches: replaces ? [] : ['--replace'],
  })
  const policy = command.given('exit-policy') ? [] : ['--exit-policy=stop']
  const words = [...policy, ...kept, ...command.rest, ...(replaces ? [] : ['--replace'])]
  return { root: command.root.map(escapeWord), words: words.map(escapeWord) }
}
