import type { LogSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { list, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { parseDecimalSize } from './size.ts'

const drivers = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough', 'passthrough-tty'] as const

/** Where the container's output is kept. */
export const log = optionGroup({
  flags: {
    'log-driver': string('Logging driver for the container'),
    'log-opt': list('Logging driver options'),
  },
  toSpec(values): { readonly log?: LogSpec } {
    const options = new Map<string, string>()
    const labels: Record<string, string> = {}
    for (const text of values['log-opt']) {
      const [key = '', value] = text.split(/=(.*)/s, 2)
      if (value === undefined) throw new UsageError(`invalid log option ${JSON.stringify(text)}`)
      if (key === 'label') addLabel(labels, value)
      // Others are of other engines' drivers, and passed over.
      else options.set(key.toLowerCase(), value)
    }
    const driver = options.get('driver') ?? values['log-driver']
    const size = options.get('max-size')
    const spec: LogSpec = defined({
      driver: driver ? driverOf(driver) : undefined,
      path: options.get('path'),
      maxSize: size === undefined ? undefined : size === '-1' ? -1 : parseDecimalSize(size),
      tag: options.get('tag'),
      labels: Object.keys(labels).length > 0 ? labels : undefined,
    })
    return Object.keys(spec).length > 0 ? { log: spec } : {}
  },
})

function addLabel(labels: Record<string, string>, text: string): void {
  const [key = '', value = ''] = text.split(/=(.*)/s, 2)
  labels[key] = value
}

function driverOf(text: string): NonNullable<LogSpec['driver']> {
  const found = drivers.find(driver => driver === text)
  if (!found) throw new UsageError('running container create option: invalid log driver: invalid argument')
  return found
}
