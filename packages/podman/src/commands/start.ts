import type { Engine } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, type FlagValues } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { each, named } from '../each.ts'
import { detachKeysFlag, sigProxyFlag } from '../options/attach.ts'
import { filterFlag, latestFlag, select } from '../options/selection.ts'
import { runAttached } from '../run-attached.ts'
import type { Terminal } from '../terminal.ts'

const flags = {
  all: bool('Start all containers regardless of their state or configuration'),
  attach: bool("Attach container's STDOUT and STDERR", { short: 'a' }),
  'detach-keys': detachKeysFlag,
  filter: filterFlag,
  interactive: bool('Make STDIN available to the contained process', { short: 'i' }),
  latest: latestFlag,
  'sig-proxy': sigProxyFlag,
}

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'Start one or more containers',
  description: 'Starts containers that were created or have stopped; with --attach one of them in the foreground.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --latest', '{} 860a4b231279 5421ab43b45', '{} --interactive --attach imageID'],
  flags,
  args: anyArguments,
  async run({ flags: values, args, given }, io, engine) {
    check(values, args, given)
    const opened = await engine()
    const names = await chosen(values, args, opened)
    const [name] = names
    if (values.attach) return name === undefined ? 0 : startInFront(name, values, { engine: opened, io })
    return each(
      names,
      named(one => opened.containers.start(one)),
      io,
    )
  },
})

/** With names and filters those of the names that pass. */
async function chosen(values: Values, args: readonly string[], engine: Engine): Promise<readonly string[]> {
  const open = async () => engine
  if (args.length === 0 || values.filter.length === 0)
    return select({ ...values, all: values.all && values.filter.length === 0, args }, open, {
      all: ({ state }) => state !== 'running',
    })
  const passing = new Set(await select({ filter: values.filter, args: [] }, open))
  const ids = await Promise.all(args.map(name => engine.containers.resolve(name)))
  return args.filter((_, at) => passing.has(ids[at] ?? ''))
}

function check(values: Values, args: readonly string[], given: ReadonlySet<string>): void {
  if (values.all && values.latest) throw new UsageError('--all and --latest cannot be used together')
  if (values.all && args.length > 0)
    throw new UsageError('either start all containers or the container(s) provided in the arguments')
  if (args.length === 0 && !values.latest && !values.all && values.filter.length === 0)
    throw new UsageError('start requires at least one argument')
  if (args.length > 0 && values.latest) throw new UsageError('--latest and containers cannot be used together')
  if (args.length > 1 && values.attach) throw new UsageError('you cannot start and attach multiple containers at once')
  if (values.all && values.attach) throw new UsageError('you cannot start and attach all containers at once')
  if (given.has('sig-proxy') && values['sig-proxy'] && !values.attach)
    throw new UsageError('you cannot use sig-proxy without --attach: invalid argument')
}

async function startInFront(
  name: string,
  values: Values,
  { engine, io }: { engine: Engine; io: Terminal },
): Promise<number> {
  const { Id, Config, HostConfig, State } = await engine.containers.inspect(name)
  const tty = booleanAt(Config, 'Tty')
  const input = values.interactive && booleanAt(Config, 'OpenStdin')
  return runAttached(Id, io, {
    engine,
    streams: new Set(input ? ['stdin', 'stdout', 'stderr'] : ['stdout', 'stderr']),
    terminal: tty ? 'tty' : 'none',
    signals: values['sig-proxy'] && !tty ? 'passed' : 'ours',
    detachKeys: values['detach-keys'],
    begin: State.Running ? 'join' : 'start',
    afterwards: booleanAt(HostConfig, 'AutoRemove') ? 'remove' : 'keep',
  })
}

const booleanAt = (record: unknown, key: string): boolean =>
  typeof record === 'object' && record !== null && (record as Record<string, unknown>)[key] === true
