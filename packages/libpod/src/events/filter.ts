import { LibpodError } from '../errors.ts'
import { matchesLabel } from '../filters/values.ts'
import type { EngineEvent } from './events.ts'

type Test = (event: EngineEvent, value: string) => boolean

const named =
  (type: EngineEvent['type']): Test =>
  (event, value) =>
    event.type === type && (event.name === value || (event.id ?? '').startsWith(value))

/** podman-events(1): several values of one key are alternatives, several keys must all hold. */
const tests: Readonly<Record<string, Test>> = {
  artifact: named('artifact'),
  container: named('container'),
  pod: (event, value) => named('pod')(event, value) || (event.podId ?? ' ').startsWith(value),
  volume: (event, value) => event.type === 'volume' && (event.name ?? '').startsWith(value),
  network: named('network'),
  secret: named('secret'),
  image: (event, value) =>
    event.type === 'image' &&
    ((event.name ?? '').includes(value) || (event.id ?? '').startsWith(value.replace(/^sha256:/, ''))),
  event: (event, value) => event.status === (aliases[value] ?? value),
  status: (event, value) => event.status === (aliases[value] ?? value),
  type: (event, value) => event.type === value,
  label: (event, value) => matchesLabel(value, event.attributes ?? {}),
}

/** Docker's words for what Podman calls otherwise. */
const aliases: Readonly<Record<string, string>> = { die: 'died', delete: 'remove', rm: 'remove', destroy: 'remove' }

/** The test of all filters together. @throws LibpodError SPEC_INVALID for an unknown key */
export function eventFilter(filters: Readonly<Record<string, readonly string[]>>): (event: EngineEvent) => boolean {
  const groups = Object.entries(filters).map(([key, values]) => {
    const test = Object.hasOwn(tests, key) ? tests[key] : undefined
    if (!test) throw new LibpodError('SPEC_INVALID', `${key} is an invalid filter`)
    return (event: EngineEvent): boolean => values.some(value => test(event, value))
  })
  return event => groups.every(holds => holds(event))
}
