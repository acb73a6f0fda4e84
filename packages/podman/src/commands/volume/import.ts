import { createReadStream, openSync } from 'node:fs'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Import a tarball contents into a podman volume',
  description: 'Unpacks a tar, of a file or of standard input (`-`), into a volume that exists.',
  usage: 'VOLUME [SOURCE]',
  examples: ['{} my_vol /home/user/import.tar', 'cat ctr.tar | {} my_vol -'],
  flags: {},
  args: exactly(2),
  async run({ args: [name = '', source = ''] }, io, engine) {
    const { volumes } = await engine()
    const tar = source === '-' ? process.stdin : createReadStream(source, { fd: openSync(source, 'r') })
    await volumes.import(name, tar as AsyncIterable<Uint8Array>, { signal: io.interrupted })
    return 0
  },
})
