import { mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { showProgress } from '../print/progress.ts'

export const command = defineCommand({
  summary: 'Load image(s) from a tar archive',
  description:
    'Loads images from a local archive or directory (docker-archive, oci-archive, oci, dir) or from standard input.',
  usage: '[options]',
  examples: ['{} --input fedora.tar', '{} < fedora.tar.gz'],
  flags: {
    input: string('Load images from specified archive file (default is stdin)', { short: 'i' }),
    quiet: bool('Suppress the output', { short: 'q' }),
    'signature-policy': string('Pathname of signature policy file', { hidden: 'yes' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    if (flags.input === undefined && io.isTerminal('stdin'))
      throw new UsageError('cannot read from terminal, use command-line redirection or the --input flag')
    if (flags.input !== undefined && !/^https?:\/\//.test(flags.input)) statSync(flags.input)
    const { images } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    using archive =
      flags.input === undefined ? await fromStandardInput() : { path: flags.input, [Symbol.dispose]: () => {} }
    const names = await images.load(archive.path, {
      ...(flags['signature-policy'] ? { signaturePolicy: flags['signature-policy'] } : {}),
      onProgress: progress.report,
      signal: io.interrupted,
    })
    io.out(names.map(name => `Loaded image: ${name}\n`).join(''))
    return 0
  },
})

/** An archive is read from more than one place, so what comes through a pipe is kept in a file meanwhile. */
async function fromStandardInput(): Promise<Disposable & { readonly path: string }> {
  const directory = mkdtempSync(join(process.env.TMPDIR ?? '/var/tmp', 'podman-load-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  try {
    const path = join(directory, 'archive')
    const fd = openSync(path, 'wx', 0o600)
    for await (const piece of process.stdin) writeSync(fd, piece as Uint8Array)
    return { path, [Symbol.dispose]: remove }
  } catch (error) {
    remove()
    throw error
  }
}
