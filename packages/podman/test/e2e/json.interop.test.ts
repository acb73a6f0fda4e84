import { plainEnvironment, run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { containerShape } from '../../src/shapes/container.ts'
import { imageShape } from '../../src/shapes/image.ts'
import { infoShape, versionShape } from '../../src/shapes/info.ts'
import { networkShape } from '../../src/shapes/network.ts'
import { podShape } from '../../src/shapes/pod.ts'
import { secretShape } from '../../src/shapes/secret.ts'
import type { Field, Struct } from '../../src/shapes/shape.ts'
import { volumeShape } from '../../src/shapes/volume.ts'
import { busybox, type Cli, openCliWithBusybox, peerGlobals } from './cli.ts'

/**
 * The JSON of both, on one store: the same keys with the same types. What ours alone has must be a field of Podman 5.8, and what
 * differs otherwise is listed here, each with its reason.
 */
interface Case {
  readonly ours: readonly string[]
  readonly peers?: readonly string[]
  readonly shape?: Struct
  /** Fields of 5.8 where no shape says so. */
  readonly newer?: readonly string[]
  readonly intended?: readonly string[]
}

const containers = [
  // Runs through cri-o's names in 4.3; 5.8 keeps what containers need.
  'real only: Config.Annotations.io.kubernetes.cri-o.TTY',
  'real only: Config.Annotations.io.kubernetes.cri-o.Created',
  // Said when true.
  'real only: Config.Annotations.io.podman.annotations.autoremove',
  'real only: Config.Annotations.io.podman.annotations.init',
  'real only: Config.Annotations.io.podman.annotations.privileged',
  'real only: Config.Annotations.io.podman.annotations.publish-all',
  // A list and a name since 5.0.
  'type: Config.Entrypoint text, list',
  'type: Config.Entrypoint text, nothing',
  'type: Config.StopSignal number, text',
  // Absent without a health check since 5.0.
  'real only: State.Health',
  // What 5.8 notes of every container.
  'ours only: Config.Annotations.io.container.manager',
  'ours only: Config.Annotations.org.opencontainers.image.stopSignal',
  'ours only: Config.Annotations.org.systemd.property.KillSignal',
  'ours only: Config.Annotations.org.systemd.property.TimeoutStopUSec',
]

const cases: Readonly<Record<string, Case>> = {
  'a container': {
    ours: ['container', 'inspect', 'ours'],
    peers: ['container', 'inspect', 'theirs'],
    shape: containerShape,
    intended: containers,
  },
  'a container that runs': {
    ours: ['container', 'inspect', 'ours-runs'],
    peers: ['container', 'inspect', 'theirs-runs'],
    shape: containerShape,
    intended: containers,
  },
  'an image': { ours: ['image', 'inspect', busybox], shape: imageShape },
  'a volume': { ours: ['volume', 'inspect', 'ours'], peers: ['volume', 'inspect', 'theirs'], shape: volumeShape },
  'a network': { ours: ['network', 'inspect', 'podman'], shape: networkShape },
  'a secret': { ours: ['secret', 'inspect', 'ours'], peers: ['secret', 'inspect', 'theirs'], shape: secretShape },
  'a pod': {
    ours: ['pod', 'inspect', 'pod-ours'],
    peers: ['pod', 'inspect', 'pod-theirs'],
    shape: podShape,
    // A list since 5.0.
    intended: ['type:  struct, list'],
  },
  ps: {
    ours: ['ps', '-a', '--size', '--format', 'json', '--filter', 'name=^ours$'],
    peers: ['ps', '-a', '--size', '--format', 'json', '--filter', 'name=^theirs$'],
    newer: ['CIDFile', 'ExposedPorts', 'Restarts'],
  },
  images: { ours: ['images', '--format', 'json'] },
  history: { ours: ['history', '--format', 'json', busybox], newer: ['tags'] },
  'pod ps': {
    ours: ['pod', 'ps', '--format', 'json', '--filter', 'name=pod-ours'],
    peers: ['pod', 'ps', '--format', 'json', '--filter', 'name=pod-theirs'],
  },
  'volume ls': { ours: ['volume', 'ls', '--format', 'json'], shape: volumeShape },
  'network ls': { ours: ['network', 'ls', '--format', 'json'], shape: networkShape },
  info: {
    ours: ['info', '--format', 'json'],
    shape: infoShape,
    newer: ['store.graphStatus.Supports shifting', 'store.graphStatus.Supports volatile'],
  },
  version: { ours: ['version', '--format', 'json'], shape: versionShape },
  stats: {
    ours: ['stats', '--no-stream', '--format', 'json', 'ours-runs'],
    peers: ['stats', '--no-stream', '--format', 'json', 'theirs-runs'],
  },
}

const options = [
  '--network',
  'none',
  '--label',
  'a=b',
  '--env',
  'A=b',
  '--tmpfs',
  '/t',
  '--memory',
  '64m',
  '--cap-add',
  'net_admin',
]
// Podman's own limits are above what this process may set.
const limits = [
  '--ulimit',
  'nofile=64:64',
  '--ulimit',
  'nproc=512:512',
  '--restart',
  'on-failure:3',
  '--volume',
  'shared:/v',
]

async function fill(cli: Cli, peer: (...args: string[]) => Promise<string>): Promise<void> {
  const make = async (podman: (...args: string[]) => Promise<string>, name: string) => {
    await podman('create', '--name', name, ...options, ...limits, busybox, 'sleep', '1000')
    await podman('run', '--detach', '--name', `${name}-runs`, ...options, ...limits, busybox, 'sleep', '1000')
    await podman('pod', 'create', '--infra=false', '--label', 'a=b', '--name', `pod-${name}`)
    await podman('volume', 'create', '--label', 'a=b', name)
    await podman('secret', 'create', name, '/etc/hostname')
  }
  await make(cli.ok, 'ours')
  await make(peer, 'theirs')
}

test('JSON has the keys and the types that the installed Podman gives, and those of 5.8', async t => {
  t.timeout(600_000)
  const cli = await openCliWithBusybox(t, 'json')
  const peer = peerOf(t, cli)
  await fill(cli, peer)
  const unexpected: Record<string, readonly string[]> = {}
  for (const [name, { ours, peers = ours, shape, newer = [], intended = [] }] of Object.entries(cases)) {
    const [own, theirs] = [JSON.parse(await cli.ok(...ours)), JSON.parse(await peer(...peers))]
    const found = differences(theirs, own, { path: '', shape })
    const known = new Set([...intended, ...newer.map(field => `ours only: ${field}`)])
    const news = found.filter(line => !known.has(line))
    if (news.length > 0) unexpected[name] = news
  }
  t.deepEqual(unexpected, {})
})

function peerOf(t: ExecutionContext, cli: Cli): (...args: string[]) => Promise<string> {
  const start = (args: readonly string[]) => run('podman', [...peerGlobals(cli), ...args], { env: plainEnvironment })
  t.teardown(async () => {
    await start(['rm', '--all', '--force', '--time', '0'])
  })
  return async (...args) => {
    const { code, stdout, stderr } = await start(args)
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
    return stdout
  }
}

type Kind = 'nothing' | 'list' | 'struct' | 'text' | 'number' | 'boolean'

function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'struct'
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean'
}

interface Where {
  readonly path: string
  readonly shape: Struct | undefined
}

/** Go's nil lists and maps are null: what is empty has no type. */
const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value as object).length === 0)

function differences(theirs: unknown, ours: unknown, { path, shape }: Where): readonly string[] {
  const kinds = [kindOf(theirs), kindOf(ours)] as const
  if (isEmpty(theirs) || isEmpty(ours))
    return kinds.some(kind => ['text', 'number', 'boolean'].includes(kind)) ? [`type: ${path} ${kinds.join(', ')}`] : []
  if (kinds[0] !== kinds[1]) return [`type: ${path} ${kinds.join(', ')}`]
  if (Array.isArray(theirs) && Array.isArray(ours)) return differences(theirs[0], ours[0], { path, shape })
  if (kinds[0] !== 'struct') return []
  return members(theirs as object, ours as object, { path, shape })
}

function members(theirs: object, ours: object, { path, shape }: Where): readonly string[] {
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
  return keys.flatMap(key => {
    const inside = path === '' ? key : `${path}.${key}`
    if (!Object.hasOwn(ours, key)) return [`real only: ${inside}`]
    const field = shape && fieldOf(shape, key)
    if (!Object.hasOwn(theirs, key)) return field === undefined ? [`ours only: ${inside}`] : []
    const [a, b] = [theirs, ours].map(each => (each as Record<string, unknown>)[key])
    return differences(a, b, { path: inside, shape: field && structOf(field) })
  })
}

const plain = (name: string) => name.replaceAll('_', '').toLowerCase()

function fieldOf({ fields }: Struct, key: string): Field | undefined {
  return Object.entries(fields).find(([name, field]) => {
    const json = typeof field === 'object' && 'json' in field ? field.json : name
    return plain(json) === plain(key)
  })?.[1]
}

function structOf(field: Field): Struct | undefined {
  if (typeof field === 'string') return undefined
  if ('type' in field) return field
  if ('json' in field) return structOf(field.of)
  return 'maybe' in field ? field.maybe : 'listOf' in field ? field.listOf : undefined
}
