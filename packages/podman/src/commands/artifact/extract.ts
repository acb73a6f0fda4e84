import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { string } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Extract an OCI artifact to a local path',
  description: 'Extract the blobs of an OCI artifact to a local file or directory',
  usage: '[options] ARTIFACT PATH',
  examples: [
    '{} quay.io/myimage/myartifact:latest /tmp/foobar.txt',
    '{} quay.io/myimage/myartifact:latest /home/paul/mydir',
  ],
  flags: {
    digest: string('Only extract blob with the given digest'),
    title: string('Only extract blob with the given title'),
  },
  args: exactly(2),
  async run({ flags, args: [name = '', target = ''] }, io, engine) {
    const only = defined({ digest: flags.digest || undefined, title: flags.title || undefined })
    const { artifacts } = await engine()
    await artifacts.extract(name, target, { ...only, signal: io.interrupted })
    return 0
  },
})
