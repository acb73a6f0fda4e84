import { parseDockerReference } from '@libpod/image'
import type { Artifact } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { ago } from '../../print/age.ts'
import { goTimeOf } from '../../print/go-time.ts'
import { listing } from '../../print/listing.ts'
import { humanSize } from '../../print/size.ts'

export const command = defineCommand({
  summary: 'List OCI artifacts',
  description: 'List OCI artifacts in local store',
  usage: '[options]',
  aliases: ['list'],
  examples: ['{}'],
  flags: {
    format: string('Format volume output using JSON or a Go template'),
    'no-trunc': bool('Do not truncate output'),
    noheading: bool('Do not print column headings', { short: 'n' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io, engine) {
    const { artifacts } = await engine()
    const rows = (await artifacts.list()).map(artifact => rowOf(artifact, flags['no-trunc'] ? 64 : 12))
    io.out(
      await listing(rows, flags, {
        fields: ['Repository', 'Tag', 'Digest', 'Created', 'Size'],
        headings: {},
        name: 'ls',
        type: 'artifact.artifactListOutput',
        quiet: ({ Digest }) => Digest,
      }),
    )
    return 0
  },
})

function rowOf({ name, digest, size, created }: Artifact, length: number) {
  const reference = parseDockerReference(name)
  return {
    Digest: digest.slice('sha256:'.length, 'sha256:'.length + length),
    Repository: name.slice(0, name.length - (reference.tag === undefined ? 0 : reference.tag.length + 1)),
    Size: humanSize(size),
    Tag: reference.tag ?? '',
    Created: created === undefined ? '' : ago(Date.parse(created)),
    CreatedAt: created === undefined ? '' : goTimeOf(created),
    VirtualSize: String(size),
  }
}

/** What templates may ask of a row. */
const fieldNames = ['Digest', 'Repository', 'Size', 'Tag', 'Created', 'CreatedAt', 'VirtualSize'] as const
