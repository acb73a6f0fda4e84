import { writeFileSync } from 'node:fs'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { codeOf, ExitStatus } from '../exit-codes.ts'
import { buildFlags, buildSpec } from '../options/build.ts'
import { thisCaller } from '../options/container.ts'

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
    const { id } = await images
      .build(spec, {
        input: 'own',
        signal: io.interrupted,
        onProgress: ({ stream, bytes }) => (stream === 'stdout' ? io.out(bytes) : io.err(bytes)),
      })
      .catch(endLikeBuildah)
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, `sha256:${id}`)
    return 0
  },
})

/** What went wrong is on the screen already; the status is that of the step that failed. */
function endLikeBuildah(error: unknown): never {
  if (codeOf(error) !== 'BUILD_FAILED' || !(error instanceof Error)) throw error
  throw new ExitStatus('exitCode' in error && typeof error.exitCode === 'number' ? error.exitCode : 125)
}
