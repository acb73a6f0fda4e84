import type { EngineEvent } from './events.ts'

/** An event in a line for people, as podman-events(1) shows it: `2026-11-23 16:57:21.5 +0000 UTC container create ID (image=…, name=…)`. */
export function describeEvent(event: EngineEvent, ids: 'full' | 'short' = 'full'): string {
  const time = `${event.time.replace('T', ' ').replace('Z', '')} +0000 UTC`
  const id = ids === 'full' ? (event.id ?? '') : (event.id ?? '').slice(0, 12)
  const name = event.name ?? ''
  const start = `${time} ${event.type} ${event.status}`
  if (event.type === 'container' || event.type === 'pod') return `${start} ${id} (${details(event).join(', ')})`
  if (event.type === 'network' && event.network) return `${start} ${networkDetails(event, id)}`
  if (event.type === 'volume') return `${start} ${name}`
  if (event.type === 'system') return start
  const rest = event.error ? [event.error] : []
  if (event.type === 'image') return [start, id, name, ...rest].join(' ')
  return [start, id, name, ...rest].filter(Boolean).join(' ')
}

/** What is created and removed is a network; what is connected is a container. */
function networkDetails({ status, id, network = '', attributes }: EngineEvent, shown: string): string {
  const isNetwork = status === 'create' || status === 'remove'
  return isNetwork
    ? `${id} (name=${network}, type=${attributes?.driver ?? ''})`
    : `${shown} (container=${shown}, name=${network})`
}

function details(event: EngineEvent): readonly string[] {
  return [
    `image=${event.image ?? ''}`,
    `name=${event.name ?? ''}`,
    ...(event.podId ? [`pod_id=${event.podId}`] : []),
    ...(event.healthStatus ? [`health_status=${event.healthStatus}`] : []),
    ...Object.entries(event.attributes ?? {}).map(([key, value]) => `${key}=${value}`),
  ]
}
