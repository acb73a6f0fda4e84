import type { ContainerSpec, Engine } from '@libpod/libpod'
import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, type FlagValues, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { createContainer } from '../create.ts'
import { attachFlag, detachKeysFlag, sigProxyFlag, streamsOf } from '../options/attach.ts'
import { containerFlags, containerSpec, thisCaller } from '../options/container.ts'
import { consecutive } from '../options/descriptors.ts'
import { runAttached } from '../run-attached.ts'
import type { Terminal } from '../terminal.ts'

const flags = {
  ...containerFlags,
  attach: attachFlag,
  detach: bool('Run container in background and print container ID', { short: 'd' }),
  'detach-keys': detachKeysFlag,
  'preserve-fd': strings('Pass a list of additional file descriptors to the container'),
  'preserve-fds': uint('Pass a number of additional file descriptors into the container'),
  quiet: bool('Suppress output information when pulling images', { short: 'q' }),
  rmi: bool('Remove image unless used by other containers, implies --rm'),
  'sig-proxy': sigProxyFlag,
}

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'Run a command in a new container',
  description: 'Creates a container from an image and runs a command in it.',
  usage: '[options] IMAGE [COMMAND [ARG...]]',
  examples: [
    '{} imageID ls -alF /etc',
    '{} --network=host imageID dnf -y install java',
    '{} --volume /var/hostdir:/var/ctrdir -i -t fedora /bin/bash',
  ],
  flags,
  args: atLeast(1),
  flagsStand: 'before',
  async run({ flags: values, given, args }, io, engine) {
    if (values.rmi && given.has('rm') && !values.rm) throw new UsageError('the --rmi option does not work without --rm')
    if (values.detach && values.attach.length > 0)
      throw new UsageError('conflicting options: cannot specify both --detach and --attach')
    const streams = streamsOf(values.attach, values.interactive)
    const spec = { ...containerSpec(values, args, thisCaller()), ...runOnly(values) }
    warnAboutInput(values, io)
    const opened = await engine()
    const id = await createContainer(spec, values, { engine: opened, io })
    if (values.detach) return startDetached(id, { engine: opened, io, spec })
    return runAttached(id, io, {
      engine: opened,
      streams,
      terminal: values.tty ? 'tty' : 'none',
      signals: values['sig-proxy'] && !values.tty ? 'passed' : 'ours',
      detachKeys: values['detach-keys'],
      begin: 'start',
      afterwards: spec.onExit ?? 'keep',
    })
  },
})

function runOnly(values: Values): Pick<ContainerSpec, 'onExit' | 'preserveFds'> {
  const fds = Math.max(values['preserve-fds'] ?? 0, consecutive(values['preserve-fd']))
  return {
    ...(values.rmi ? { onExit: 'remove-with-image' } : {}),
    ...(fds > 0 ? { preserveFds: fds } : {}),
  }
}

function warnAboutInput(values: Values, io: Terminal): void {
  if (values.tty && values.interactive && !values.detach && !io.isTerminal('stdin'))
    io.warn('The input device is not a TTY. The --tty and --interactive flags might not work properly')
}

async function startDetached(
  id: string,
  { engine, io, spec }: { engine: Engine; io: Terminal; spec: ContainerSpec },
): Promise<number> {
  try {
    await engine.containers.start(id)
  } catch (error) {
    if (spec.onExit && spec.onExit !== 'keep') await discard(engine, id)
    throw error
  }
  io.out(`${id}\n`)
  return 0
}

/** A container that was to remove itself goes too when it could not start. */
async function discard(engine: Engine, id: string): Promise<void> {
  await engine.containers.remove(id, { running: 'kill', volumes: 'remove-anonymous' }).catch(() => undefined)
}
