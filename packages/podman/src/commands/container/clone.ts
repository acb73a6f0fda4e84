import type { ContainerSpec, Engine, ResourceSpec } from '@libpod/libpod'
import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { specOfCommand } from '../../clone.ts'
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
    const { Id, Name, Config } = await opened.containers.inspect(original)
    const spec = await specOfCommand(createCommand(Config))
    const name = flags.name ?? newName ?? (await freeName(Name, opened))
    const changed = withLimits(spec, limits.toSpec(flags, thisCaller()))
    if (flags.destroy) await opened.containers.remove(Id, { running: flags.force ? 'kill' : 'refuse' })
    const { id } = await opened.containers.create({
      ...changed,
      name,
      createCommand: createCommand(Config),
      ...(image === undefined ? {} : { image }),
      ...(flags.pod === undefined ? {} : { pod: flags.pod }),
    })
    if (flags.run) await opened.containers.start(id)
    io.out(`${id}\n`)
    return 0
  },
})

function createCommand(config: unknown): readonly string[] {
  const line =
    typeof config === 'object' && config !== null && 'CreateCommand' in config ? config.CreateCommand : undefined
  if (Array.isArray(line) && line.length > 1) return line.map(String)
  throw new UsageError('cannot clone: nothing is known of how the container was created')
}

/** `NAME-clone`, with a number when that is taken. */
async function freeName(name: string, { containers }: Engine): Promise<string> {
  const base = `${name}-clone`
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? base : `${base}${number}`
    if (!(await containers.exists(candidate))) return candidate
  }
}

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
