import type { EngineEvent } from './events.ts'

/** The event as one line of Podman's events.log, keys in Podman's order and spelling; zero values are left out. */
export function formatEvent(event: EngineEvent): string {
  return JSON.stringify({
    ContainerExitCode: event.containerExitCode,
    OOMKilled: event.oomKilled || undefined,
    ID: event.id || undefined,
    Image: event.image || undefined,
    Name: event.name || undefined,
    network: event.network || undefined,
    Status: event.status,
    Time: event.time,
    Type: event.type,
    health_status: event.healthStatus || undefined,
    health_log: event.healthLog || undefined,
    health_failing_streak: event.healthFailingStreak || undefined,
    error: event.error || undefined,
    ContainerInspectData: event.containerInspectData || undefined,
    PodID: event.podId || undefined,
    Attributes: event.attributes ?? null,
  })
}

/** Reads a line of events.log; undefined when it is none (torn by a crash, or not ours to understand). */
export function parseEvent(line: string): EngineEvent | undefined {
  const data = readObject(line)
  if (!data) return undefined
  const text = (key: string): string | undefined =>
    typeof data[key] === 'string' && data[key] !== '' ? data[key] : undefined
  const number = (key: string): number | undefined => (typeof data[key] === 'number' ? data[key] : undefined)
  const [type, status, time] = [text('Type'), text('Status'), text('Time')]
  if (!type || !status || !time || Number.isNaN(Date.parse(time))) return undefined
  const optional = {
    id: text('ID'),
    name: text('Name'),
    image: text('Image'),
    containerExitCode: number('ContainerExitCode'),
    oomKilled: data.OOMKilled === true ? true : undefined,
    network: text('network'),
    healthStatus: text('health_status'),
    healthLog: text('health_log'),
    healthFailingStreak: number('health_failing_streak'),
    error: text('error'),
    podId: text('PodID'),
    containerInspectData: text('ContainerInspectData'),
    attributes: strings(data.Attributes),
  }
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return { type: type as EngineEvent['type'], status, time, ...present }
}

function readObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const data: unknown = JSON.parse(line)
    return data && typeof data === 'object' && !Array.isArray(data) ? (data as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function strings(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!value || typeof value !== 'object') return undefined
  return Object.fromEntries(Object.entries(value).filter(entry => typeof entry[1] === 'string'))
}
