import { readFileSync } from 'node:fs'
import type { Engine, ExecSpec } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, list, string, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { ExitStatus, engineFailed, isCommandProblem, wording } from '../exit-codes.ts'
import { detachKeysFlag, streamsOf } from '../options/attach.ts'
import { thisCaller } from '../options/container.ts'
import { descriptors } from '../options/descriptors.ts'
import { readVariables } from '../options/environment.ts'
import { someOf } from '../options/process.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import { bridge } from '../streams/bridge.ts'
import { checkPassed } from '../streams/passed.ts'
import type { Terminal } from '../terminal.ts'

const flags = {
  cidfile: string('File to read the container ID from'),
  detach: bool('Run the exec session in detached mode (backgrounded)', { short: 'd' }),
  'detach-keys': detachKeysFlag,
  env: list('Set environment variables', { short: 'e' }),
  'env-file': list('Read in a file of environment variables'),
  interactive: bool('Make STDIN available to the contained process', { short: 'i' }),
  latest: latestFlag,
  'no-session': bool('Do not keep a record of the session in the engine'),
  'preserve-fd': strings('Pass a list of additional file descriptors to the container'),
  'preserve-fds': uint('Pass N additional file descriptors to the container'),
  privileged: bool('Give the process extended Linux capabilities inside the container.  The default is false'),
  tty: bool('Allocate a pseudo-TTY. The default is false', { short: 't' }),
  user: string('Sets the username or UID used and optionally the groupname or GID for the specified command', {
    short: 'u',
  }),
  workdir: string('Working directory inside the container', { short: 'w' }),
}

/** The status of a command that did not come to run for a reason that is not its own. */
const neverRan = 255

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'Run a process in a running container',
  description: 'Runs a further process inside a running container.',
  usage: '[options] CONTAINER COMMAND [ARG...]',
  examples: ['{} -it ctrID ls', '{} -it -w /tmp myCtr pwd', '{} --user root ctrID ls'],
  flags,
  args: anyArguments,
  flagsStand: 'before',
  async run({ flags: values, args }, io, engine) {
    const named = values.latest || values.cidfile !== undefined
    if (values.latest && values.cidfile !== undefined)
      throw new UsageError('--latest and --cidfile can not be used together')
    if (args.length === 0 && !named)
      throw new UsageError('exec requires the name or ID of a container or the --latest or --cidfile flag')
    const opened = await engine()
    const [name, ...line] = values.latest
      ? [await latestContainer(opened), ...args]
      : values.cidfile !== undefined
        ? [readId(values.cidfile), ...args]
        : args
    if (line.length === 0) {
      await opened.containers.resolve(name ?? '')
      throw new UsageError('must provide a non-empty command to start an exec session: invalid argument')
    }
    const spec = execSpec(values, line, io)
    if (values.detach) {
      const session = await opened.containers.execDetached(name ?? '', spec).catch((error: unknown) => {
        throw new ExitStatus(engineFailed, wording(error)) // whatever the command's own status would have been
      })
      io.out(`${session}\n`)
      return 0
    }
    return inFront(name ?? '', spec, { engine: opened, io })
  },
})

function readId(path: string): string {
  return readFileSync(path, 'utf8').split('\n', 1)[0] ?? ''
}

function execSpec(values: Values, line: readonly string[], io: Terminal): ExecSpec {
  const env = readVariables(values['env-file'], values.env, thisCaller())
  const fds = descriptors(values['preserve-fds'], values['preserve-fd'])
  checkPassed(fds, values['preserve-fds'] ? 'preserve-fds' : 'preserve-fd')
  return {
    command: line,
    terminal: values.tty ? 'tty' : 'none',
    stdin: values.interactive ? 'open' : 'closed',
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(values.privileged ? { privileged: 'yes' } : {}),
    ...(values['no-session'] ? { record: 'none' } : {}),
    ...defined({
      user: values.user,
      workdir: values.workdir || undefined,
      preserveFds: someOf(fds),
      detachKeys: values['detach-keys'],
      size: values.tty ? io.size() : undefined,
    }),
  }
}

async function inFront(
  name: string,
  spec: ExecSpec,
  { engine, io }: { engine: Engine; io: Terminal },
): Promise<number> {
  const id = await engine.containers.resolve(name)
  const session = await engine.containers.exec(id, spec).catch((error: unknown) => {
    throw isCommandProblem(error) ? error : new ExitStatus(neverRan, wording(error))
  })
  const end = await bridge(session, io, {
    streams: streamsOf([], spec.stdin === 'open'),
    terminal: spec.terminal ?? 'none',
  })
  return end.how === 'exited' ? end.code : 0
}
