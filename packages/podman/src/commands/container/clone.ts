import { type ContainerSpec, cloneName, type Engine, type ResourceSpec } from '@libpod/libpod'
import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { limits } from '../../options/resources.ts'

export const command = defineCommand({
  summary: 'Clone an existing container',
  description:
    'Creates a container like one that exists, with another name, and other limits or another image if asked.',
  usage: '[options] CONTAINER [NAME] [IMAGE]',
  examples: ['{} container_name new_name image_name'],
  flags: {
    ...limits.flags,
    destroy: bool('destroy the original container'),
    force: bool('force the existing container to be destroyed', { short: 'f' }),
    name: string('name the new container'),
    pod: string('add the new container to a pod'),
    run: bool('run the new container'),
  },
  args: between(1, 3),
  async run({ flags, args: [original = '', newName, image] }, io, engine) {
    if (flags.force && !flags.destroy) throw new UsageError('cannot set --force without --destroy')
    const opened = await engine()
    const { Id, Name } = await opened.containers.inspect(original)
    const spec = await opened.containers.spec(Id)
    const name = flags.name ?? newName ?? cloneName(Name, await namesOf(opened))
    const { id } = await opened.containers.create({
      ...withLimits(flags.pod === undefined ? spec : inPod(spec, flags.pod), limits.toSpec(flags, thisCaller())),
      name,
      ...(image === undefined ? {} : { image }),
    })
    // The original goes when its like is there, and not before.
    if (flags.destroy) await opened.containers.remove(Id, { running: flags.force ? 'kill' : 'refuse' })
    if (flags.run) await opened.containers.start(id)
    io.out(`${id}\n`)
    return 0
  },
})

/** The networks are the pod's. */
function inPod({ network: { mode: _, ...network } = {}, ...spec }: ContainerSpec, pod: string): ContainerSpec {
  return { ...spec, network, pod }
}

const namesOf = async ({ containers }: Engine): Promise<ReadonlySet<string>> =>
  new Set((await containers.list({ which: 'all' })).flatMap(({ names }) => names))

function withLimits(spec: ContainerSpec, change: ResourceSpec): ContainerSpec {
  if (Object.keys(change).length === 0) return spec
  const { memory, cpu, blockIo } = spec.resources ?? {}
  const resources: ResourceSpec = {
    ...spec.resources,
    ...change,
    ...(change.memory ? { memory: { ...memory, ...change.memory } } : {}),
    ...(change.cpu ? { cpu: { ...cpu, ...change.cpu } } : {}),
    ...(change.blockIo ? { blockIo: { ...blockIo, ...change.blockIo } } : {}),
  }
  return { ...spec, resources }
}
