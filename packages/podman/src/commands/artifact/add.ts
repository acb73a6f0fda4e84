import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, list, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { parseAnnotations } from '../../options/annotations.ts'

export const command = defineCommand({
  summary: 'Add an OCI artifact to the local store',
  description: 'Add an OCI artifact to the local store from the local filesystem',
  usage: '[options] ARTIFACT PATH [...PATH]',
  examples: [
    '{} quay.io/myimage/myartifact:latest /tmp/foobar.txt',
    '{} --file-type text/yaml quay.io/myimage/myartifact:latest /tmp/foobar.yaml',
    '{} --append quay.io/myimage/myartifact:latest /tmp/foobar.tar.gz',
  ],
  flags: {
    annotation: list('set an `annotation` for the specified files of artifact'),
    append: bool('Append files to an existing artifact', { short: 'a' }),
    'file-type': string('Set file type to use for the artifact (layer)'),
    replace: bool('Replace an existing artifact'),
    type: string('Use type to describe an artifact'),
  },
  args: atLeast(2),
  async run({ flags, args: [name = '', ...files] }, io, engine) {
    if (flags.append && flags.replace) throw new UsageError('--append and --replace options cannot be used together')
    const { artifacts } = await engine()
    const digest = await artifacts.add(name, files, {
      annotations: parseAnnotations(flags.annotation),
      ...defined({ artifactType: flags.type || undefined, fileType: flags['file-type'] || undefined }),
      existing: flags.append ? 'append' : flags.replace ? 'replace' : 'refuse',
      signal: io.interrupted,
    })
    io.out(`${digest.slice('sha256:'.length)}\n`)
    return 0
  },
})
