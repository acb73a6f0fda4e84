import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { ReadyCondition } from './containers.ts'

type ReadyRooms = Pick<Rooms, 'state' | 'containers'>

/** Between two looks, in milliseconds. */
const pauses = [10, 20, 50, 100] as const

/** Until a container is what its caller waits for. @throws LibpodError CONTAINER_STATE when it ended before */
export async function whenReady(
  rooms: ReadyRooms,
  { id, ended }: { readonly id: string; readonly ended: Promise<unknown> },
  condition: ReadyCondition,
  { signal }: Call = {},
): Promise<void> {
  signal?.throwIfAborted()
  const over = new AbortController()
  const until = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
  const tooEarly = ended.then(() => {
    throw new LibpodError('CONTAINER_STATE', `container ${id} ended before it was ready`, { subject: id })
  })
  try {
    await Promise.race([waitFor(rooms, id, condition, until), tooEarly])
  } finally {
    over.abort()
  }
}

async function waitFor(rooms: ReadyRooms, id: string, condition: ReadyCondition, signal: AbortSignal): Promise<void> {
  if ('log' in condition) return logged(rooms, id, condition.log, signal)
  if ('health' in condition) return void (await rooms.containers.wait(id, [condition.health], { signal }))
  const look =
    'port' in condition
      ? async () => listens(rooms.state.containers.find(id), condition.port)
      : () => answers(rooms.state.containers.find(id), condition.http, signal)
  for (let tries = 0; !(await look()); tries++)
    await delay(pauses[Math.min(tries, pauses.length - 1)], undefined, { signal })
}

async function logged(rooms: ReadyRooms, id: string, wanted: string | RegExp, signal: AbortSignal): Promise<void> {
  const matches = (text: string) => (typeof wanted === 'string' ? text.includes(wanted) : text.search(wanted) >= 0)
  let line = ''
  for await (const { message, kind } of rooms.containers.logs(id, { follow: 'yes', signal })) {
    line += message.toString()
    if (matches(line)) return
    if (kind === 'line') line = ''
  }
  // The log ends with its container, which is told of elsewhere.
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** Whether something in the container's network namespace listens on a TCP port: the kernel says so, nothing is connected. */
function listens({ status }: ContainerRecord, port: number): boolean {
  if (!status.process) return false
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return ['tcp', 'tcp6'].some(protocol =>
    socketsOf(status.process?.pid ?? 0, protocol).some(
      ([, local = '', , state]) => local.endsWith(suffix) && state === listening,
    ),
  )
}

/** The state in /proc/net/tcp (include/net/tcp_states.h). */
const listening = '0A'

function socketsOf(pid: number, protocol: string): readonly (readonly string[])[] {
  try {
    const lines = readFileSync(`/proc/${pid}/net/${protocol}`, 'latin1').trim().split('\n').slice(1)
    return lines.map(line => line.trim().split(/\s+/))
  } catch {
    return []
  }
}

type Http = Extract<ReadyCondition, { http: unknown }>['http']

/** Whether a request from the host gets the status that is wanted, any below 400 when none is named. */
async function answers(
  record: ContainerRecord,
  { port, path = '/', status }: Http,
  signal: AbortSignal,
): Promise<boolean> {
  const url = new URL(path, `http://${hostOf(record, port)}`)
  try {
    const answer = await fetch(url, { signal, redirect: 'manual' })
    await answer.body?.cancel()
    return status === undefined ? answer.status < 400 : answer.status === status
  } catch {
    signal.throwIfAborted()
    return false
  }
}

/** Where the host reaches a port of the container: published, at the container's own address, or on the host itself. */
function hostOf({ id, config, status }: ContainerRecord, port: number): string {
  const published = config.ports.find(
    ({ containerPort, range = 1, protocol }) =>
      protocol === 'tcp' && port >= containerPort && port < containerPort + range,
  )
  if (published?.hostPort) return `${address(published.hostIp)}:${published.hostPort + port - published.containerPort}`
  const networks = Object.values(status.networks ?? {}).flatMap(({ interfaces }) => Object.values(interfaces))
  const own = networks.flatMap(({ subnets }) => subnets)[0]?.ipnet.split('/')[0]
  if (own !== undefined) return `${address(own)}:${port}`
  if (config.spec.network?.mode?.kind === 'host') return `127.0.0.1:${port}`
  throw new LibpodError('SPEC_INVALID', `port ${port} of container ${id} cannot be reached from the host`, {
    subject: id,
    hint: 'publish the port, or wait for { port }',
  })
}

function address(ip: string | undefined): string {
  if (ip === undefined || ip === '' || ip === '0.0.0.0') return '127.0.0.1'
  return ip.includes(':') ? `[${ip}]` : ip
}
