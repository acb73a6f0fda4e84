import type { PortMapping } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { UsageError } from '../cli/usage-error.ts'
import { allFlag, latestContainer, latestFlag } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'List port mappings or a specific mapping for the container',
  description: 'Shows where the ports of a container are reached on the host.',
  usage: '[options] CONTAINER [PORT]',
  examples: ['{} --all', '{} ctrID 80/tcp'],
  flags: { all: allFlag('Display port information for all containers'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const { name, port } = read(flags, args)
    const { containers, ...rest } = await engine()
    if (flags.all) {
      for (const { id } of await containers.list({ filters: { status: ['running'] } }))
        for (const line of (await containers.ports(id)).flatMap(lines)) io.out(`${id.slice(0, 12)}\t${line}\n`)
      return 0
    }
    const asked = name ?? (await latestContainer({ containers, ...rest }))
    // Nothing is reached where nothing runs.
    const mappings = (await containers.inspect(asked)).State.Running ? await containers.ports(asked) : []
    const wanted = port === undefined ? mappings.flatMap(lines) : addressesOf(mappings, port.inside)
    if (port !== undefined && mappings.length > 0 && wanted.length === 0)
      throw new UsageError(`failed to find published port ${JSON.stringify(port.asked)}`)
    io.out(wanted.map(line => `${line}\n`).join(''))
    return 0
  },
})

interface Wanted {
  readonly asked: string
  /** With its protocol. */
  readonly inside: string
}

function read(flags: { all: boolean; latest: boolean }, args: readonly string[]): { name?: string; port?: Wanted } {
  if (flags.all && flags.latest) throw new UsageError('--all and --latest cannot be used together')
  if (flags.all && args.length > 0) throw new UsageError('no arguments are needed with --all')
  if (args.length === 0 && !flags.latest && !flags.all)
    throw new UsageError('you must supply a running container name or id')
  if (args.length > (flags.latest ? 1 : 2)) throw new UsageError('`port` accepts at most 2 arguments')
  const [name, port] = flags.latest ? [undefined, args[0]] : args
  return { ...(name === undefined ? {} : { name }), ...(port ? { port: portOf(port) } : {}) }
}

function portOf(asked: string): Wanted {
  const [number = '', protocol = 'tcp', ...more] = asked.split('/')
  if (more.length > 0) throw new UsageError(`port formats are port/protocol. '${asked}' is invalid`)
  if (!/^\d+$/.test(number))
    throw new UsageError(`strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`)
  return { asked, inside: `${number}/${protocol}` }
}

const addresses = ({ hostIp, hostPort = 0, containerPort, range = 1, protocol }: PortMapping) =>
  Array.from({ length: range }, (_, i) => ({
    inside: `${containerPort + i}/${protocol}`,
    outside: `${hostIp === undefined || hostIp === '' ? '0.0.0.0' : hostIp}:${hostPort + i}`,
  }))

const lines = (mapping: PortMapping) => addresses(mapping).map(({ inside, outside }) => `${inside} -> ${outside}`)

const addressesOf = (mappings: readonly PortMapping[], port: string) =>
  mappings
    .flatMap(addresses)
    .filter(({ inside }) => inside === port)
    .map(({ outside }) => outside)
