import type { ContainerSpec, Engine } from '@libpod/libpod'
import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { createContainer, refuseTerminal } from '../create.ts'
import { ExitStatus, wording } from '../exit-codes.ts'
import { attachFlag, detachKeysFlag, sigProxyFlag, streamsOf } from '../options/attach.ts'
import { containerFlags, containerSpec, thisCaller } from '../options/container.ts'
import { descriptors } from '../options/descriptors.ts'
import { type AttachedRun, runAttached } from '../run-attached.ts'
import { checkPassed } from '../streams/passed.ts'
import { Interrupted, type Terminal } from '../terminal.ts'

/** Whatever runs now comes too late to be run before others. */
const { 'init-ctr': _initContainer, ...creationFlags } = containerFlags
const flags = {
  ...creationFlags,
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
    if (given.has('attach') && values.attach.length === 0 && !values.detach)
      throw new ExitStatus(126, 'must provide at least one stream to attach to: invalid argument')
    const streams = streamsOf(values.attach, values.interactive)
    checkPassthrough(values, io)
    const preserveFds = descriptors(values['preserve-fds'], values['preserve-fd'])
    checkPassed(preserveFds, values['preserve-fds'] ? 'preserve-fds' : 'preserve-fd')
    const creation = { ...values, 'init-ctr': undefined }
    const asked = containerSpec(creation, args, thisCaller())
    const spec: ContainerSpec = values.rmi ? { ...asked, onExit: 'remove-with-image' } : asked
    warnAboutInput(values, io)
    const opened = await engine()
    const id = await createContainer(spec, creation, { engine: opened, io })
    const afterwards = spec.onExit ?? 'keep'
    if (values.detach) {
      await startDetached(id, { engine: opened, afterwards, preserveFds })
      if (!passes(values)) io.out(`${id}\n`)
      return 0
    }
    const code = await runAttached(id, io, {
      engine: opened,
      streams: passes(values) ? new Set(['stdout', 'stderr']) : streams,
      terminal: values.tty && !passes(values) ? 'tty' : 'none',
      signals: values['sig-proxy'] && !values.tty ? 'passed' : 'ours',
      detachKeys: values['detach-keys'],
      begin: 'start',
      afterwards,
      preserveFds,
    }).catch(notStarted)
    if (values.rmi) await warnAboutImage(spec.image ?? '', { engine: opened, io })
    if (!streams.has('stdout') && !streams.has('stderr')) io.out(`${id}\n`)
    return code
  },
})

/** The container has our own streams: an id among what it says would not be told apart. */
const passes = (values: Values): boolean => values['log-driver']?.startsWith('passthrough') ?? false

function checkPassthrough(values: Values, io: Terminal): void {
  if (passes(values) && values.attach.length > 0)
    throw new UsageError('cannot specify --attach with --log-driver=passthrough: invalid argument')
  refuseTerminal(values, io)
}

/** A container that was made and cannot be started: 127 when something was not found, else 126 (podman-run(1), Exit Status). */
function notStarted(error: unknown): never {
  if (error instanceof Interrupted) throw error
  const reason = wording(error)
  const missing = /file not found|no such file or directory/i.test(reason)
  throw new ExitStatus(missing ? 127 : 126, reason)
}

/** The image of `--rmi` that is still there is one that others use: said, for nobody sees it otherwise. */
async function warnAboutImage(image: string, { engine, io }: { engine: Engine; io: Terminal }): Promise<void> {
  if (!(await engine.images.exists(image))) return
  const { errors } = await engine.images.remove([image])
  for (const error of errors) io.warn(wording(error))
}

function warnAboutInput(values: Values, io: Terminal): void {
  if (values.tty && values.interactive && !values.detach && !io.isTerminal('stdin'))
    io.warn('The input device is not a TTY. The --tty and --interactive flags might not work properly')
}

async function startDetached(
  id: string,
  { engine, afterwards, preserveFds }: Pick<AttachedRun, 'engine' | 'afterwards' | 'preserveFds'>,
): Promise<void> {
  try {
    await engine.containers.start(id, defined({ preserveFds }))
  } catch (error) {
    if (afterwards !== 'keep') await discard(engine, id)
    notStarted(error)
  }
}

/** A container that was to remove itself goes too when it could not start. */
async function discard(engine: Engine, id: string): Promise<void> {
  await engine.containers.remove(id, { running: 'kill', volumes: 'remove-anonymous' }).catch(() => undefined)
}
