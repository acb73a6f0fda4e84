import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { detachKeysFlag, sigProxyFlag } from '../options/attach.ts'
import { latestFlag, selectOne } from '../options/selection.ts'
import { runAttached } from '../run-attached.ts'

export const command = defineCommand({
  summary: 'Attach to a running container',
  description: 'Connects this terminal to the main process of a running container; the detach keys leave it running.',
  usage: '[options] CONTAINER',
  examples: ['{} ctrID', '{} 1234', '{} --no-stdin foobar'],
  flags: {
    'detach-keys': detachKeysFlag,
    latest: latestFlag,
    'no-stdin': bool('Do not attach STDIN. The default is false'),
    'sig-proxy': sigProxyFlag,
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const problem = '"podman attach" requires a name, id, or the "--latest" flag'
    if (args.length === 0 && !flags.latest) throw new UsageError(problem)
    const opened = await engine()
    const name = await selectOne(args, flags.latest, { engine: opened, verb: 'attach', problem })
    const { Id, Config } = await opened.containers.inspect(name)
    const tty = isRecord(Config) && Config.Tty === true
    const open = isRecord(Config) && Config.OpenStdin === true && !flags['no-stdin']
    return runAttached(Id, io, {
      engine: opened,
      streams: new Set(open ? ['stdin', 'stdout', 'stderr'] : ['stdout', 'stderr']),
      terminal: tty ? 'tty' : 'none',
      signals: flags['sig-proxy'] && !tty ? 'passed' : 'ours',
      detachKeys: flags['detach-keys'],
      begin: 'join',
      afterwards: 'keep',
    })
  },
})

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
