import type { EngineEvent } from '@libpod/libpod'
import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseFilters } from '../options/filters.ts'
import { parseInstant } from '../options/instant.ts'
import { filterFlag } from '../options/selection.ts'
import { isJson } from '../print/is-json.ts'
import { Interrupted } from '../terminal.ts'

export const command = defineCommand({
  summary: 'Show podman system events',
  description: 'Shows what happened to containers, images, pods, volumes, networks and secrets, and what happens.',
  usage: '[options]',
  examples: ['{}', '{} --filter event=create', '{} --since 1h30s'],
  flags: {
    filter: filterFlag,
    format: string('format the output using a Go template'),
    'no-trunc': bool('do not truncate the output', { default: true }),
    since: string('show all events created since timestamp'),
    stream: bool('stream events and do not exit when returning the last known event', { default: true }),
    until: string('show all events until timestamp'),
  },
  args: noArguments,
  templateFields: async () => (await import('../shapes/event.ts')).eventShape,
  async run({ flags }, io, engine) {
    const { events } = await engine()
    const options = defined({
      since: flags.since === undefined ? undefined : instantOf(flags.since, 'since'),
      until: flags.until === undefined ? undefined : instantOf(flags.until, 'until'),
    })
    const show = await shower(flags.format, flags['no-trunc'] ? 'full' : 'short')
    try {
      const found = events.read({
        ...options,
        filters: parseFilters(flags.filter),
        stream: flags.stream ? 'yes' : 'no',
        signal: io.interrupted,
      })
      for await (const event of found) io.out(show(event))
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
    }
    return 0
  },
})

function instantOf(text: string, name: 'since' | 'until'): number {
  try {
    return parseInstant(text, name)
  } catch (error) {
    throw new UsageError(`failed to parse event filters: ${error instanceof Error ? error.message : text}`)
  }
}

async function shower(format: string | undefined, ids: 'full' | 'short'): Promise<(event: EngineEvent) => string> {
  if (isJson(format)) return event => `${jsonLine(event)}\n`
  if (format === undefined || format === '') {
    const { describeEvent } = await import('@libpod/libpod')
    return event => `${describeEvent(event, ids)}\n`
  }
  const [{ formatObject }, { goValue }, { eventShape }] = await Promise.all([
    import('../print/format.ts'),
    import('../shapes/shape.ts'),
    import('../shapes/event.ts'),
  ])
  return event => formatObject(format, goValue(rowOf(event), eventShape), 'events')
}

/** Podman's keys in Podman's order; what is empty is left out. */
function jsonLine(event: EngineEvent): string {
  const text = JSON.stringify({
    ContainerExitCode: event.containerExitCode,
    ID: event.id || undefined,
    Image: event.image || undefined,
    Name: event.name || undefined,
    network: event.network || undefined,
    Status: event.status,
    time: Math.floor(Date.parse(event.time) / 1000),
    timeNano: 0,
    Type: event.type,
    health_status: event.healthStatus || undefined,
    Error: event.error || undefined,
    PodID: event.podId || undefined,
    ContainerInspectData: event.containerInspectData || undefined,
    Attributes: event.attributes ?? null,
  })
  // A number of nanoseconds is more than a double can hold.
  return text.replace('"timeNano":0', `"timeNano":${nanoseconds(event.time)}`)
}

function nanoseconds(time: string): string {
  const fraction = /\.(\d{1,9})/.exec(time)?.[1] ?? ''
  return `${Math.floor(Date.parse(time) / 1000)}${fraction.padEnd(9, '0')}`
}

const rowOf = (event: EngineEvent) => ({
  ...(event.containerInspectData ? { ContainerInspectData: event.containerInspectData } : {}),
  ...(event.containerExitCode === undefined ? {} : { ContainerExitCode: event.containerExitCode }),
  ID: event.id ?? '',
  Image: event.image ?? '',
  Name: event.name ?? '',
  ...(event.network ? { Network: event.network } : {}),
  Status: event.status,
  Time: event.time,
  time: Math.floor(Date.parse(event.time) / 1000),
  timeNano: Date.parse(event.time) * 1e6,
  Type: event.type,
  ...(event.healthStatus ? { HealthStatus: event.healthStatus } : {}),
  ...(event.error ? { Error: event.error } : {}),
  PodID: event.podId ?? '',
  Attributes: event.attributes ?? {},
})
