import { identify } from '../host/process.ts'
import { connectContainer, disconnectContainer, nameOnNetwork, withInterfaces } from '../networks/attach.ts'
import type { NetworkStatus } from '../networks/backend.ts'
import { createContainerNetns, pinContainerNetns, removeContainerNetns, removeEmptyPlace } from '../networks/netns.ts'
import { type Lifeline, openLifeline } from '../networks/programs/lifeline.ts'
import { networkPrograms, programMode } from '../networks/programs/table.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerConfig, ContainerRecord, ProcessIdentity } from '../state/container.ts'
import { endProcess } from './stop-process.ts'
import { endStrayPlugins } from './strays.ts'

type PlugRooms = Pick<Rooms, 'options' | 'config' | 'host' | 'state'>

/** What being plugged in gave a container. */
export interface Plugged {
  readonly networks: Readonly<Record<string, NetworkStatus>>
  /** That carries its packets, when one does. */
  readonly program?: ProcessIdentity
}

export interface Plug {
  /** Absent: the runtime makes the namespace, or none is needed. */
  readonly path: string | undefined
  readonly status: Promise<Plugged>
  /** Of the program that carries its packets: to be held by the monitor. */
  readonly lifeline?: Lifeline
}

/** Whether its network namespace is one that the engine pins. */
export const hasOwnNetns = ({ networks, spec }: ContainerConfig): boolean =>
  networks.length > 0 || programMode(spec.network?.mode) !== undefined

interface Place {
  readonly path: string | undefined
  /** A directory of this run. */
  readonly run: string
  readonly undo: AsyncDisposableStack
}

/** Begins to plug the container in: the runtime can make it meanwhile, only its program has to wait. */
export function plugIn(rooms: PlugRooms, record: ContainerRecord, { path, run, undo }: Place): Plug {
  if (path === undefined) return { path: undefined, status: Promise.resolve({ networks: {} }) }
  const lifeline = programMode(record.config.spec.network?.mode) ? openLifeline(run) : undefined
  if (lifeline) undo.defer(() => lifeline[Symbol.dispose]())
  const held = lifeline ? { lifeline } : {}
  if (plugsLate(record)) return { path: undefined, status: Promise.resolve({ networks: {} }), ...held }
  createContainerNetns(path)
  undo.defer(() => removeContainerNetns(path))
  const status = connect(rooms, record, { netns: path, lifeline })
  const settled = status.then(nothing, nothing)
  undo.defer(async () => {
    await settled
    await unplug(rooms, record, { netns: path, program: (await status.catch(nothing))?.program }).catch(nothing)
  })
  return { path, status, ...held }
}

const nothing = (): undefined => undefined

/** In a user namespace the kernel lets /sys be mounted only of a network namespace that was made in it: by the runtime. */
export const plugsLate = ({ config }: ContainerRecord): boolean =>
  hasOwnNetns(config) && (config.idMappings !== undefined || config.spec.security?.namespaces?.user?.kind === 'path')

interface LatePlug {
  readonly netns: string
  readonly pid: number
  readonly undo: AsyncDisposableStack
  readonly plug: Plug
}

export async function plugInLate(
  rooms: PlugRooms,
  record: ContainerRecord,
  { netns, pid, undo, plug }: LatePlug,
): Promise<Plugged> {
  pinContainerNetns(netns, pid)
  undo.defer(() => removeContainerNetns(netns))
  undo.defer(() => unplug(rooms, record, { netns, program: undefined }).catch(nothing))
  return connect(rooms, record, { netns, lifeline: plug.lifeline })
}

async function connect(
  rooms: PlugRooms,
  record: ContainerRecord,
  { netns, lifeline }: { readonly netns: string; readonly lifeline: Lifeline | undefined },
): Promise<Plugged> {
  const mode = programMode(record.config.spec.network?.mode)
  if (!mode || !lifeline) return { networks: await connectContainer(rooms, connectionOf(rooms, record, netns)) }
  const program = await networkPrograms[mode.kind]()
  const { status, pid } = await program.start({
    containerId: record.id,
    netns,
    options: [...configured(rooms, mode.kind), ...mode.options],
    ports: record.config.ports,
    lifeline: lifeline.reader,
    sockets: rooms.options.tmpDir,
    directories: rooms.config.engine.helperBinariesDir,
  })
  const identity = pid === undefined ? undefined : identify(pid, rooms.host.bootId)
  return { networks: { [mode.kind]: status }, ...(identity ? { program: identity } : {}) }
}

const configured = ({ config }: PlugRooms, kind: keyof typeof networkPrograms): readonly string[] =>
  kind === 'pasta' ? config.network.pastaOptions : config.engine.networkCmdOptions

/** Asks the program that is to carry the packets about its options. @throws LibpodError SPEC_INVALID */
export async function checkProgram(rooms: PlugRooms, spec: ContainerConfig['spec']): Promise<void> {
  const mode = programMode(spec.network?.mode)
  if (!mode) return
  const program = await networkPrograms[mode.kind]()
  program.check([...configured(rooms, mode.kind), ...mode.options])
}

/** Takes the container from its networks and, when its namespace is pinned, unpins it whatever happens; safe twice. */
export async function unplug(
  rooms: PlugRooms,
  record: ContainerRecord,
  { netns, program }: { readonly netns: string | undefined; readonly program: ProcessIdentity | undefined },
): Promise<void> {
  const mode = programMode(record.config.spec.network?.mode)
  try {
    if (program) await endProcess(program, rooms.host.bootId)
    if (mode) (await networkPrograms[mode.kind]()).forget?.({ sockets: rooms.options.tmpDir, containerId: record.id })
    if (netns) removeEmptyPlace(netns)
    if (record.config.networks.length > 0) await disconnect(rooms, record, netns)
  } finally {
    if (netns) removeContainerNetns(netns)
  }
}

/** Again, when plugins that an engine had started before it was killed may have been in the way. */
async function disconnect(rooms: PlugRooms, record: ContainerRecord, netns: string | undefined): Promise<void> {
  const connection = connectionOf(rooms, record, netns)
  try {
    await disconnectContainer(rooms, connection)
  } catch (error) {
    if (endStrayPlugins(rooms.config.network.cniPluginDirs, record.id) === 'none') throw error
    await disconnectContainer(rooms, connection)
  }
}

/** The container as its networks know it. */
export const connectionOf = (
  rooms: Pick<Rooms, 'config' | 'state'>,
  record: ContainerRecord,
  netns: string | undefined,
) => ({
  id: record.id,
  name: nameOnNetwork(rooms, record),
  netns,
  networks: withInterfaces(record.config.networks, {
    defaultNetwork: rooms.config.network.defaultNetwork,
    aliases: [record.name, record.id.slice(0, 12)],
  }),
  ports: record.config.ports,
})
