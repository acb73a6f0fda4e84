import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { descriptorWriter } from '../../streams/descriptor-writer.ts'

export const command = defineCommand({
  summary: 'Export volumes',
  description: 'Writes the content of a volume as a tar to a file or to standard output.',
  usage: '[options] VOLUME',
  examples: ['{} --output myvol.tar myvol', '{} myvol > myvol.tar'],
  flags: { output: string('Write to a specified file (default: stdout, which must be redirected)', { short: 'o' }) },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    if (flags.output === undefined && io.isTerminal('stdout'))
      throw new UsageError('cannot write to terminal, use command-line redirection or the --output flag')
    const { volumes } = await engine()
    await volumes.inspect(name)
    const target = flags.output === undefined ? descriptorWriter(1) : createWriteStream(flags.output, { mode: 0o600 })
    const tar = Readable.from(volumes.export(name, { signal: io.interrupted }), { objectMode: false })
    await pipeline(tar, target, { signal: io.interrupted })
    return 0
  },
})
