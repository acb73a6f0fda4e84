import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { listEntry } from '../../options/list-entry.ts'
import { manifestAccess, manifestRegistry } from '../../options/manifest-registry.ts'

const artifactFlags = {
  'artifact-config': string('artifact configuration file'),
  'artifact-config-type': string('artifact configuration media type'),
  'artifact-exclude-titles': bool('refrain from setting "org.opencontainers.image.title" annotations on "layers"'),
  'artifact-layer-type': string('artifact layer media type'),
  'artifact-subject': string('artifact subject reference'),
  'artifact-type': string('override the artifactType value'),
}

export const command = defineCommand({
  summary: 'Add images or artifacts to a manifest list or image index',
  description: 'Adds an image or artifact to a manifest list or image index.',
  usage: '[options] LIST IMAGEORARTIFACT [IMAGEORARTIFACT...]',
  examples: ['{} mylist:v1.11 image:v1.11-amd64', '{} mylist:v1.11 transport:imageName'],
  flags: {
    ...manifestRegistry.all,
    ...listEntry.flags,
    ...artifactFlags,
    all: bool("add all of the list's images if the image is a list"),
    artifact: bool('add all arguments as artifact files rather than as images'),
  },
  args: atLeast(2),
  async run({ flags, given, args: [name = '', ...items] }, io, engine) {
    const artifactGiven = Object.keys(artifactFlags).filter(flag => (given as ReadonlySet<string>).has(flag))
    if (!flags.artifact && artifactGiven.length > 0) {
      const names = artifactGiven.map(flag => `--${flag}`).join('/')
      throw new UsageError(`${names} ${artifactGiven.length > 1 ? 'require' : 'requires'} --artifact`)
    }
    const options = {
      ...manifestAccess(flags, thisCaller()),
      ...listEntry.toSpec(flags, thisCaller()),
      signal: io.interrupted,
    }
    const config = flags['artifact-config'] ? thisCaller().readText(flags['artifact-config']) : undefined
    const { manifests } = await engine()
    const id = flags.artifact
      ? await manifests.addArtifact(name, items, {
          ...options,
          ...defined({
            artifactType: flags['artifact-type'],
            artifactSubject: flags['artifact-subject'] || undefined,
            config,
            configType: flags['artifact-config-type'] || undefined,
            layerType: flags['artifact-layer-type'] || undefined,
          }),
          titles: flags['artifact-exclude-titles'] ? 'no' : 'yes',
        })
      : await manifests.add(name, items, { ...options, instances: flags.all ? 'all' : 'system' })
    io.out(`${id}\n`)
    return 0
  },
})
