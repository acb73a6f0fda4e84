import type { Engine } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string, word } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf, ExitStatus } from '../exit-codes.ts'
import { type Inspected, inspectEach, shapeOf } from '../inspect.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import { artifactJson } from '../print/artifact-json.ts'
import { inspectedNetworkJson } from '../print/network-json.ts'
import { volumeJson } from '../print/volume-json.ts'

const kinds = ['all', 'artifact', 'container', 'image', 'volume', 'network', 'pod'] as const
const everyKind = ['container', 'image', 'volume', 'network', 'pod', 'artifact'] as const
type Kind = Exclude<(typeof kinds)[number], 'all'>

export const command = defineCommand({
  summary: 'Display the configuration of object denoted by ID',
  description:
    'Displays the low-level information on containers, images, volumes, networks, pods and artifacts identified by name or ID.',
  usage: '[options] {ARTIFACT|CONTAINER|IMAGE|POD|NETWORK|VOLUME} [...]',
  examples: ['{} fedora', '{} --type image fedora', '{} CtrID ImgID'],
  flags: {
    format: string('Format the output to a Go template or json', { short: 'f' }),
    latest: latestFlag,
    size: bool('Display total file size', { short: 's' }),
    type: word('Specify inspect-object type', kinds, { short: 't', default: 'all' }),
  },
  args: anyArguments,
  templateFields: async (args, engine) => {
    const kind = args[0] === undefined ? 'container' : await kindOf(args[0], await engine())
    return shapeOf(kind)
  },
  async run({ flags, args }, io, engine) {
    const type = flags.type ?? 'all'
    if (flags.latest && args.length > 0) throw new UsageError('--latest and arguments cannot be used together')
    if (!flags.latest && args.length === 0) throw new UsageError('no names or ids specified')
    if (flags.size && type !== 'all' && type !== 'container')
      throw new UsageError(`size is not supported for type ${JSON.stringify(type)}`)
    const opened = await engine()
    const names = flags.latest ? [await latestContainer(opened)] : args
    const finders = findersOf(opened, flags.size ? 'yes' : 'no')
    const asked: readonly Kind[] = type === 'all' ? everyKind : [type]
    return inspectEach(names, name => findFirst(name, asked, finders), io, {
      format: flags.format,
      indent: 5,
      problem: (error, name) =>
        unknown.has(codeOf(error) ?? '') && type !== 'all' ? `no such ${type} ${JSON.stringify(name)}` : undefined,
    })
  },
})

type Finders = Readonly<Record<Kind, (name: string) => Promise<object>>>

const findersOf = (
  { artifacts, containers, images, volumes, networks, pods }: Engine,
  size: 'yes' | 'no',
): Finders => ({
  container: name => containers.inspect(name, { size }),
  image: name => images.inspect(name),
  volume: async name => volumeJson(await volumes.inspect(name)),
  network: async name => inspectedNetworkJson(await networks.inspect(name)),
  pod: name => pods.inspect(name),
  artifact: async name => artifactJson(await artifacts.inspect(name)),
})

/** Codes that say only that there is no such object. */
const unknown = new Set([
  'CONTAINER_UNKNOWN',
  'IMAGE_UNKNOWN',
  'VOLUME_UNKNOWN',
  'NETWORK_UNKNOWN',
  'POD_UNKNOWN',
  'ARTIFACT_UNKNOWN',
  'NAME_INVALID',
])

/** The first kind of object that has this name. */
async function findFirst(
  name: string,
  asked: readonly Kind[],
  finders: Finders,
): Promise<Inspected & { readonly kind: Kind }> {
  for (const kind of asked) {
    try {
      return { kind, object: await finders[kind](name) }
    } catch (error) {
      if (!unknown.has(codeOf(error) ?? '') || asked.length === 1) throw error
    }
  }
  throw new ExitStatus(125, `no such object: ${JSON.stringify(name)}`)
}

/** The kind of the first object whose name begins like this; a container when there is none. */
async function kindOf(name: string, engine: Engine): Promise<Kind> {
  const { finders } = await import('../complete/names.ts')
  for (const kind of everyKind) {
    const names = await finders[kind](engine, name, 'inspect')
    if (names.some(({ text }) => text.startsWith(name))) return kind
  }
  return 'container'
}
