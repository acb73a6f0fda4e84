import { LibpodError } from '../errors.ts'
import { idTest, matchesLabel, pattern, pointInTime } from '../filters/values.ts'
import { activeHealth } from '../plan/health.ts'
import { PodTable } from '../pods/table.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSummary, Filters } from './containers.ts'
import { readHealth } from './health-log.ts'
import type { Listed } from './list.ts'

type Test = (container: Listed, value: string) => boolean

const states: Readonly<Record<string, readonly string[]>> = {
  stopped: ['stopped', 'exited'],
  exited: ['stopped', 'exited'],
  initialized: ['initialized'],
  created: ['created', 'initialized'],
  configured: ['created'],
}
const others: readonly string[] = ['running', 'stopping', 'paused', 'removing', 'unknown']

function statesOf(value: string): readonly string[] {
  const meant = Object.hasOwn(states, value) ? states[value] : undefined
  if (meant) return meant
  if (others.includes(value)) return [value]
  throw new LibpodError('SPEC_INVALID', `unknown container state: ${value}: invalid argument`, { subject: value })
}

/** podman-ps(1), --filter. */
const tests: Readonly<Record<string, Test>> = {
  id: ({ record }, value) => idTest(value)(record.id),
  name: ({ record }, value) => pattern(value.replaceAll('/', '')).test(record.name),
  label: ({ record }, value) => matchesLabel(value, record.config.labels),
  status: ({ status }, value) => statesOf(value).includes(status.state),
  ancestor: ({ record }, value) => isAncestor(record.config.imageName, record.config.imageId, value),
  volume: ({ record }, value) => volumesOf(record).some(words => words.includes(value) || words.join(':') === value),
  network: ({ record }, value) =>
    record.config.networks.some(({ name }) => name === value) ||
    (value === 'host' && record.config.spec.network?.mode?.kind === 'host'),
  restart: ({ record }, value) => (record.config.spec.restart?.name ?? 'no') === value,
  'restart-policy': ({ record }, value) => (record.config.spec.restart?.name ?? 'no') === restartPolicy(value),
  'should-start-on-boot': ({ record }, value) => startsOnBoot(record) === (value === 'true'),
  command: ({ record }, value) => pattern(value).test(record.config.argv[0] ?? ''),
  until: ({ record }, value) => record.created < pointInTime(value),
}

/** `always`, and `unless-stopped` unless a user stopped it. */
function startsOnBoot({ config, status }: Listed['record']): boolean {
  const policy = config.spec.restart?.name
  return policy === 'always' || (policy === 'unless-stopped' && status.stoppedByUser !== 'yes')
}

function restartPolicy(value: string): string {
  if (['none', 'no', 'always', 'on-failure', 'unless-stopped'].includes(value)) return value
  throw new LibpodError('SPEC_INVALID', `${value} invalid restart policy`, { subject: value })
}

/** Values that are refused though there is no container to try them on. */
const words: Readonly<Record<string, (value: string) => unknown>> = {
  status: statesOf,
  'restart-policy': restartPolicy,
  until: pointInTime,
}

/** All keys must hold, one value of each is enough; for labels all values must. @throws LibpodError SPEC_INVALID */
export function containerFilter(
  rooms: Pick<Rooms, 'state' | 'options'>,
  filters: Filters,
): (container: Listed) => boolean {
  const groups = Object.entries(filters).map(([key, values]) => group(rooms, { key, values }))
  return container => groups.every(holds => holds(container))
}

interface Group {
  readonly key: string
  readonly values: readonly string[]
}

function group(rooms: Pick<Rooms, 'state' | 'options'>, { key, values }: Group): (container: Listed) => boolean {
  if (key === 'since' || key === 'before') {
    const marks = values.map(value => rooms.state.containers.find(value).created)
    return ({ record }) => marks.every(mark => (key === 'since' ? record.created > mark : record.created < mark))
  }
  if (key === 'exited') {
    const codes = values.map(exitCode)
    return ({ status }) =>
      (status.state === 'exited' || status.state === 'stopped') && codes.includes(status.exitCode ?? -1)
  }
  if (key === 'pod') {
    const pods = values.flatMap(value => podId(rooms, value))
    return ({ record }) => pods.includes(record.config.podId ?? '')
  }
  if (key === 'health') return container => values.includes(healthOf(rooms.options, container))
  for (const value of values) words[key]?.(value)
  const negated = key.endsWith('!')
  const name = negated ? key.slice(0, -1) : key
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined
  if (!test || (negated && name !== 'label'))
    throw new LibpodError('SPEC_INVALID', `${name} is an invalid filter`, { subject: name })

  if (negated) return container => !values.some(value => test(container, value))
  return name === 'label'
    ? container => values.every(value => test(container, value))
    : container => values.some(value => test(container, value))
}

type ExternalTest = (container: ContainerSummary, value: string) => boolean

/** What is known of containers that other tools made; no other condition holds of them. */
const externalTests: Readonly<Record<string, ExternalTest>> = {
  id: ({ id }, value) => idTest(value)(id),
  name: ({ names }, value) => names.some(name => pattern(value.replaceAll('/', '')).test(name)),
  ancestor: ({ image, imageId }, value) => isAncestor(image, imageId, value),
  command: ({ command }, value) => pattern(value).test(command[0] ?? ''),
  until: ({ created }, value) => created < pointInTime(value),
}

/** Which containers of other tools pass. @throws LibpodError SPEC_INVALID */
export function externalFilter(filters: Filters): (container: ContainerSummary) => boolean {
  const groups = Object.entries(filters).map(([key, values]) => {
    const test = Object.hasOwn(externalTests, key) ? externalTests[key] : undefined
    return (container: ContainerSummary) => test !== undefined && values.some(value => test(container, value))
  })
  return container => groups.every(holds => holds(container))
}

/** Of a name, an id or its beginning; none where there is no such pod. @throws LibpodError NAME_AMBIGUOUS */
function podId({ state }: Pick<Rooms, 'state'>, value: string): readonly string[] {
  try {
    return [new PodTable(state.database).find(value).id]
  } catch (error) {
    if (error instanceof LibpodError && error.code === 'POD_UNKNOWN') return []
    throw error
  }
}

function exitCode(value: string): number {
  if (/^[-+]?\d+$/.test(value)) return Number(value)
  throw new LibpodError('SPEC_INVALID', `exited code out of range: ${JSON.stringify(value)} is not a number`, {
    subject: value,
  })
}

/** Of a container without a check `none`, or nothing, as Podman has it. */
const healthOf = (options: Rooms['options'], { record }: Listed): string =>
  activeHealth(record.config.healthcheck) ? readHealth(options, record).Status : 'none'

function isAncestor(name: string, id: string, value: string): boolean {
  const wanted = value.replace(/^sha256:/, '')
  if (id !== '' && id.startsWith(wanted)) return true
  const [bare = '', tag = 'latest'] = splitTag(name)
  const [wantedName = '', wantedTag] = splitTag(value)
  return (bare === wantedName || bare.endsWith(`/${wantedName}`)) && (wantedTag === undefined || wantedTag === tag)
}

function splitTag(name: string): readonly string[] {
  const at = name.lastIndexOf(':')
  return at > name.lastIndexOf('/') ? [name.slice(0, at), name.slice(at + 1)] : [name]
}

const volumesOf = ({ config }: Listed['record']): readonly (readonly string[])[] => [
  ...config.volumes.map(({ name, destination }) => [name, destination]),
  ...(config.spec.mounts?.mounts ?? []).map(mount =>
    'source' in mount ? [mount.source, mount.destination] : [mount.destination],
  ),
]
