import { appendFileSync, writeFileSync } from 'node:fs'
import type { BuildSpec, BuiltImage } from '@libpod/libpod'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { codeOf, ExitStatus } from '../exit-codes.ts'
import { buildFlags, buildSpec } from '../options/build.ts'
import { thisCaller } from '../options/container.ts'
import type { Terminal } from '../terminal.ts'

export const command = defineCommand({
  summary: 'Build an image using instructions from Containerfiles',
  description:
    'Builds an OCI or Docker image using instructions from one or more Containerfiles and a specified build context directory.',
  usage: '[options] [CONTEXT]',
  examples: [
    '{} .',
    '{} --creds=username:password -t imageName -f Containerfile.simple .',
    '{} --layers --force-rm --tag imageName .',
  ],
  flags: { ...buildFlags, iidfile: string('`file` to write the image ID to') },
  args: atMost(1),
  async run({ flags, args: [context] }, io, engine) {
    const spec = buildSpec(flags, context, thisCaller())
    const { images } = await engine()
    const built = await images
      .build(spec, {
        input: 'own',
        signal: io.interrupted,
        onProgress: ({ stream, bytes }) => (stream === 'stdout' ? io.out(bytes) : io.err(bytes)),
      })
      .catch(endLikeBuildah)
    tellId(built, spec, io)
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, `sha256:${built.id}`)
    return 0
  },
})

/** What went wrong is on the screen already; the status is that of the step that failed. */
function endLikeBuildah(error: unknown): never {
  if (codeOf(error) !== 'BUILD_FAILED' || !(error instanceof Error)) throw error
  throw new ExitStatus('exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 125)
}

/** The last line, wherever the others went; an image that is written to standard output stays as it is. */
function tellId({ id, told }: BuiltImage, { logFile, outputs = [] }: BuildSpec, io: Terminal): void {
  if (told === 'yes' || outputs.some(output => output === '-' || /(^|,)dest=-(,|$)/.test(output))) return
  if (logFile === undefined) io.out(`${id}\n`)
  else appendFileSync(logFile, `${id}\n`)
}
