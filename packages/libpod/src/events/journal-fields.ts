import { fieldText, type JournalRow } from '@libpod/conmon'
import { describeEvent } from './describe.ts'
import type { EngineEvent } from './events.ts'

/** What Podman's events are found by in the journal. */
export const identifier = 'podman'

const [notice, info] = ['5', '6'] as const

/** The event as fields of the journal, under Podman's names; zero values are left out. */
export function journalFields(event: EngineEvent): Readonly<Record<string, string>> {
  const fields = {
    SYSLOG_IDENTIFIER: identifier,
    // systemd's own timers run health checks at a level that keeps less than notices out.
    PRIORITY: event.healthStatus ? notice : info,
    MESSAGE: describeEvent(event),
    PODMAN_EVENT: event.status,
    PODMAN_TYPE: event.type,
    PODMAN_TIME: event.time,
    PODMAN_NAME: event.name,
    PODMAN_ID: event.id,
    PODMAN_IMAGE: event.image,
    PODMAN_EXIT_CODE: event.containerExitCode?.toString(),
    PODMAN_OOM_KILLED: event.oomKilled ? 'true' : undefined,
    PODMAN_POD_ID: event.podId,
    PODMAN_LABELS: labelsOf(event),
    PODMAN_NETWORK_NAME: event.network,
    PODMAN_HEALTH_STATUS: event.healthStatus,
    PODMAN_HEALTH_LOG: event.healthLog,
    PODMAN_HEALTH_FAILING_STREAK: event.healthStatus ? String(event.healthFailingStreak ?? 0) : undefined,
    PODMAN_CONTAINER_INSPECT_DATA: event.containerInspectData,
    ERROR: event.error,
  }
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => !!field[1]))
}

function labelsOf({ attributes = {} }: EngineEvent): string | undefined {
  return Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : undefined
}

/** The event that a row of the journal tells of; undefined when it is none. */
export function eventOf(row: JournalRow): EngineEvent | undefined {
  const text = (name: string): string | undefined => fieldText(row, name) || undefined
  const [type, status, time] = [text('PODMAN_TYPE'), text('PODMAN_EVENT'), text('PODMAN_TIME')]
  if (!type || !status || !time || Number.isNaN(Date.parse(time))) return undefined
  const optional = {
    name: text('PODMAN_NAME'),
    id: text('PODMAN_ID'),
    image: text('PODMAN_IMAGE'),
    containerExitCode: integer(text('PODMAN_EXIT_CODE')),
    oomKilled: text('PODMAN_OOM_KILLED') === 'true' || undefined,
    podId: text('PODMAN_POD_ID'),
    attributes: labels(text('PODMAN_LABELS')),
    network: text('PODMAN_NETWORK_NAME'),
    healthStatus: text('PODMAN_HEALTH_STATUS'),
    healthLog: text('PODMAN_HEALTH_LOG'),
    healthFailingStreak: integer(text('PODMAN_HEALTH_FAILING_STREAK')),
    containerInspectData: text('PODMAN_CONTAINER_INSPECT_DATA'),
    error: text('ERROR'),
  }
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return { type: type as EngineEvent['type'], status, time: utc(time), ...present }
}

/** Podman writes the time of its zone; a fraction of nanoseconds is kept. */
function utc(time: string): string {
  if (time.endsWith('Z')) return time
  const fraction = /\.\d+/.exec(time)?.[0] ?? ''
  return `${new Date(time).toISOString().slice(0, 19)}${fraction}Z`
}

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined

function labels(text: string | undefined): Readonly<Record<string, string>> | undefined {
  try {
    const data: unknown = JSON.parse(text ?? 'null')
    if (!data || typeof data !== 'object') return undefined
    return Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value === 'string'))
  } catch {
    return undefined
  }
}

/** Fields in the journal's native protocol: `NAME=value`, or with its length where the value has more than one line. */
export function datagram(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(fields).map(([name, value]) => field(name, Buffer.from(value))))
}

function field(name: string, value: Buffer): Buffer {
  if (!value.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), value, Buffer.from('\n')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(value.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from('\n')])
}
