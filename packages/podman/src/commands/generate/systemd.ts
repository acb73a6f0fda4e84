import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, list, string, uint } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { globalFlags } from '../../global-flags.ts'
import { isJson } from '../../print/is-json.ts'
import { escapeWord } from '../../systemd/command-line.ts'
import { containerUnit } from '../../systemd/container-unit.ts'
import { subjectOf } from '../../systemd/facts.ts'
import { podUnits } from '../../systemd/pod-unit.ts'
import { unitText } from '../../systemd/unit-text.ts'
import type { UnitOptions } from '../../systemd/wishes.ts'
import { podmanVersion } from '../../version.ts'

const deprecation = `
DEPRECATED command:
It is recommended to use Quadlets for running containers and pods under systemd.

Please refer to podman-systemd.unit(5) for details.
`

export const command = defineCommand({
  summary: '[DEPRECATED] Generate systemd units',
  description: 'Prints, or writes, the units with which systemd runs a container or the containers of a pod.',
  usage: '[options] {CONTAINER|POD}',
  examples: ['{} CTR', '{} --new --stop-timeout 10 CTR', '{} --files --name POD'],
  flags: {
    after: list('Add dependencies order to the generated unit file'),
    'container-prefix': string('Systemd unit name prefix for containers', { default: 'container' }),
    env: list('Set environment variables to the systemd unit files', { short: 'e' }),
    files: bool('Generate .service files instead of printing to stdout', { short: 'f' }),
    format: string('Print the created units in specified format (json)'),
    name: bool('Use container/pod names instead of IDs', { short: 'n' }),
    new: bool('Create a new container or pod instead of starting an existing one'),
    'no-header': bool('Skip header generation'),
    'pod-prefix': string('Systemd unit name prefix for pods', { default: 'pod' }),
    requires: list('Similar to wants, but declares stronger requirement dependencies'),
    'restart-policy': string('Systemd restart-policy', { shown: '"on-failure"' }),
    'restart-sec': uint('Systemd restart-sec'),
    separator: string('Systemd unit name separator between name/id and prefix', { default: '-' }),
    'start-timeout': uint('Start timeout override'),
    'stop-timeout': uint('Stop timeout override'),
    template: bool('Make it a template file and use %i and %I specifiers. Working only for containers'),
    time: uint('Backwards alias for --stop-timeout', { short: 't', hidden: 'yes' }),
    wants: list('Add (weak) requirement dependencies to the generated unit file'),
  },
  args: exactly(1),
  async run({ flags, given, args: [name = ''] }, io, engine) {
    io.err(deprecation)
    if (given.has('new') && !flags.new && flags.template)
      throw new UsageError('--template cannot be set with --new=false')
    if (given.has('stop-timeout') && given.has('time'))
      throw new UsageError('stop-timeout and time are redundant and cannot be used together')
    const policy = flags['restart-policy']
    if (policy !== undefined && !policies.includes(policy))
      throw new UsageError(`${policy} is not a valid restart policy`)
    if (flags.format && !isJson(flags.format)) throw new UsageError(`unknown --format argument: ${flags.format}`)
    const options: UnitOptions = {
      ...(await grammars()),
      what: flags.template ? 'template' : flags.new ? 'fresh' : 'existing',
      program: itself(),
      environment: flags.env,
      ...defined({
        restartPolicy: policy,
        restartSec: flags['restart-sec'],
        startTimeout: flags['start-timeout'],
        stopTimeout: flags['stop-timeout'] ?? flags.time,
      }),
      nameOf: subject => (flags.name ? subject.name : subject.id),
      serviceName: (kind, subject) => {
        const prefix = flags[`${kind}-prefix`]
        return (prefix ? prefix + flags.separator : '') + (flags.name ? subject.name : subject.id)
      },
    }
    const { kind, facts } = await subjectOf(await engine(), name)
    const units = kind === 'pod' ? podUnits(facts, options) : [containerUnit(facts, options)]
    if (kind === 'container' && options.what === 'existing' && facts.restartPolicy !== 'no')
      io.warn(restartWarning(facts.id, facts.restartPolicy))
    const { wants, after, requires } = flags
    const header = flags['no-header'] ? {} : { header: { version: podmanVersion, time: unixDate(new Date()) } }
    const texts = units.map(unit => [unit.name, unitText(unit, { ...header, wants, after, requires })] as const)
    const shown = flags.files ? texts.map(([unit, text]) => [unit, writeUnit(unit, text)] as const) : texts
    const sorted = shown.toSorted(([a], [b]) => (a < b ? -1 : 1))
    if (flags.format) io.out(`${JSON.stringify(Object.fromEntries(sorted), undefined, 1)}\n`)
    else io.out(shown.map(([, text]) => (flags.files ? `${text}\n` : text)).join(''))
    return 0
  },
})

/** With the Node that runs it now: a unit has another PATH than whoever generates it. */
const itself = (): string =>
  [process.execPath, ...process.execArgv, '--', process.argv[1] ?? ''].map(escapeWord).join(' ')

const policies = ['no', 'on-success', 'on-failure', 'on-abnormal', 'on-watchdog', 'on-abort', 'always']

/** With what create commands are read: each command knows its own flags. */
async function grammars() {
  const [run, create] = await Promise.all([import('../run.ts'), import('../pod/create.ts')])
  return {
    runGrammar: { flags: { ...globalFlags, ...run.command.flags }, verbLength: 1 },
    podGrammar: { flags: { ...globalFlags, ...create.command.flags }, verbLength: 2 },
  }
}

const restartWarning = (id: string, policy: string): string =>
  `Container ${id} has restart policy ${JSON.stringify(policy)} which can lead to issues on shutdown: consider recreating the container without a restart policy and use systemd's restart mechanism instead`

function writeUnit(name: string, text: string): string {
  const path = join(process.cwd(), `${name}.service`)
  writeFileSync(path, text)
  return path
}

/** As date(1) has it: `Fri Nov 27 11:40:16 UTC 2026`. */
function unixDate(date: Date): string {
  const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).at(-1)?.value ?? 'UTC'
  const [weekday = '', month = '', day = '', year = '', clock = ''] = date.toString().split(' ')
  return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${clock} ${zone} ${year}`
}
