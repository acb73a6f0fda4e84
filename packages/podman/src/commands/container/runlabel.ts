import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import type { Engine } from '@libpod/libpod'
import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { ExitStatus } from '../../exit-codes.ts'
import { thisCaller } from '../../options/container.ts'
import { registry, unaskedOfRegistry } from '../../options/registry.ts'
import { showProgress } from '../../print/progress.ts'
import { labelArguments, nameAfter, nameGiven, type Variables } from '../../runlabel/arguments.ts'

const { authfile, 'cert-dir': certDir, creds, 'signature-policy': signaturePolicy, 'tls-verify': tls } = registry.flags
const access = { authfile, 'cert-dir': certDir, creds, 'signature-policy': signaturePolicy, 'tls-verify': tls }

export const command = defineCommand({
  summary: 'Execute the command described by an image label',
  description:
    'Executes a command as described by a container image label. Podman is the only program a label can start.',
  usage: '[options] LABEL IMAGE [ARG...]',
  examples: ['{} run imageID', '{} install imageID arg1 arg2', '{} --display run myImage'],
  flags: {
    ...access,
    display: bool('Preview the command that the label would run'),
    name: string('Assign a name to the container', { short: 'n' }),
    opt1: string('Optional parameter to pass for install', { default: '', hidden: 'yes' }),
    opt2: string('Optional parameter to pass for install', { default: '', hidden: 'yes' }),
    opt3: string('Optional parameter to pass for install', { default: '', hidden: 'yes' }),
    pull: bool('Pull the image if it does not exist locally prior to executing the label contents', {
      short: 'p',
      default: true,
      hidden: 'yes',
    }),
    quiet: bool('Suppress output information when installing images', { short: 'q' }),
    replace: bool('Replace existing container with a new one from the image'),
  },
  args: atLeast(2),
  flagsStand: 'before',
  async run({ flags, args: [label = '', image = '', ...more] }, io, engine) {
    if (io.env.PODMAN_RUNLABEL_NESTED) throw new UsageError('a label that is executed cannot execute a label itself')
    const caller = thisCaller()
    const opened = await engine()
    const options = {
      ...registry.toSpec({ ...unaskedOfRegistry, ...flags }, caller),
      policy: flags.pull ? 'missing' : 'never',
    } as const
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    const [id = ''] = await opened.images.pull(image, {
      ...options,
      onProgress: progress.report,
      signal: io.interrupted,
    })
    const { text, name } = await labelOf(opened, { id, image, label: label.replace(/^\//, '') })
    const variables: Variables = {
      IMAGE: name,
      NAME: flags.name || nameAfter(id.startsWith(image) ? name : image),
      PWD: caller.directory,
      HOME: homedir(),
      OPT1: flags.opt1,
      OPT2: flags.opt2,
      OPT3: flags.opt3,
    }
    const words = [...labelArguments(text, variables), ...more]
    const script = process.argv[1] ?? 'podman'
    if (flags.display) {
      io.out(`command: ${[script, ...words].join(' ')}\n`)
      return 0
    }
    if (flags.replace) await makeRoom(opened, words)
    return runItself([...globalsBefore(process.argv.slice(2)), ...words], flags.quiet ? 'ignore' : 'inherit')
  },
})

interface Asked {
  readonly id: string
  readonly image: string
  readonly label: string
}

/** The label's text, whatever its letters' case, and the newest name of the image. @throws UsageError */
async function labelOf({ images }: Engine, { id, image, label }: Asked): Promise<{ text: string; name: string }> {
  const { config } = await images.lookup(id)
  const key = Object.keys(config.labels).find(each => each.toLowerCase() === label.toLowerCase())
  const text = key === undefined ? '' : (config.labels[key] ?? '')
  if (text === '') throw new UsageError(`cannot find the value of label: ${label} in image: ${image}`)
  const { NamesHistory: names } = await images.inspect(id)
  const newest: unknown = Array.isArray(names) ? names[0] : undefined
  return { text, name: typeof newest === 'string' ? newest : id }
}

/** A container that has the name of the new one goes. */
async function makeRoom({ containers }: Engine, words: readonly string[]): Promise<void> {
  const name = nameGiven(words)
  if (name !== undefined && (await containers.exists(name))) await containers.remove(name, { running: 'kill' })
}

/** The global options that stood before the command: the label's container belongs into the same store. */
const globalsBefore = (argv: readonly string[]): readonly string[] => argv.slice(0, argv.indexOf('container'))

async function runItself(words: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, '--', process.argv[1] ?? '', ...words], {
    stdio,
    env: { ...process.env, PODMAN_RUNLABEL_NESTED: '1' },
  })
  // It has the terminal's signals too; what it makes of them is the end of both.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name))
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new ExitStatus(125, code === null ? 'terminated by a signal' : `exit status ${code}`)
  return 0
}
