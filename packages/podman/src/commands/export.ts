import { createWriteStream, openSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { descriptorWriter } from '../streams/descriptor-writer.ts'

export const command = defineCommand({
  summary: "Export container's filesystem contents as a tar archive",
  description: "Writes a container's root file system as a tar archive to standard output or a file.",
  usage: '[options] CONTAINER',
  examples: ['{} ctrID > myCtr.tar', '{} --output="myCtr.tar" ctrID'],
  flags: { output: string('Write to a specified file (default: stdout, which must be redirected)', { short: 'o' }) },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    if (flags.output?.includes(':'))
      throw new UsageError(`invalid filename (should not contain ':') ${JSON.stringify(flags.output)}`)
    if (flags.output === undefined && io.isTerminal('stdout'))
      throw new UsageError('refusing to export to terminal. Use -o flag or redirect')
    const { containers } = await engine()
    const id = await containers.resolve(name)
    const to =
      flags.output === undefined
        ? descriptorWriter(1)
        : createWriteStream('', { fd: openSync(flags.output, 'w', 0o600) })
    await pipeline(Readable.from(containers.export(id), { objectMode: false }), to)
    return 0
  },
})
