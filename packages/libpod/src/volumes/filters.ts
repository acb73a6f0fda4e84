import { LibpodError } from '../errors.ts'
import { conditionsOf, type Filters, matchesLabel, parseBool, pattern, pointInTime } from '../filters/values.ts'
import type { StoredVolume } from './table.ts'

/** A volume and the ids of the containers that use it. */
export interface VolumeInUse {
  readonly volume: StoredVolume
  readonly users: readonly string[]
}

type Test = (subject: VolumeInUse) => boolean

const pair = (wanted: string, values: Readonly<Record<string, string>>): boolean => {
  const [key = '', ...rest] = wanted.split('=')
  return Object.hasOwn(values, key) && (rest.length === 0 || values[key] === rest.join('='))
}

const makers: Readonly<Record<string, (value: string, all: readonly VolumeInUse[]) => Test>> = {
  name: value => {
    const wanted = pattern(value)
    return ({ volume }) => wanted.test(volume.name)
  },
  driver:
    value =>
    ({ volume }) =>
      volume.config.driver === value,
  scope: value => () => value === 'local',
  label:
    value =>
    ({ volume }) =>
      matchesLabel(value, volume.config.labels),
  opt:
    value =>
    ({ volume }) =>
      pair(value, volume.config.options),
  until: value => before(pointInTime(value)),
  since: sinceTest,
  after: sinceTest,
  dangling: value => {
    const wanted = parseBool(value, 'dangling')
    return ({ users }) => (users.length === 0) === wanted
  },
  anonymous: value => {
    const wanted = parseBool(value, 'anonymous')
    return ({ volume }) => (volume.config.anonymous === 'yes') === wanted
  },
  all: value => {
    const wanted = parseBool(value, 'all')
    return ({ volume }) => wanted || volume.config.anonymous === 'yes'
  },
}

const before =
  (time: number): Test =>
  ({ volume }) =>
    volume.created < time

function sinceTest(value: string, all: readonly VolumeInUse[]): Test {
  const named = all.find(({ volume }) => volume.name === value)
  if (!named)
    throw new LibpodError('VOLUME_UNKNOWN', `no volume with name ${JSON.stringify(value)} found: no such volume`, {
      subject: value,
    })
  return ({ volume }) => volume.created > named.volume.created
}

/** Values of one key are alternatives (of `label` and of what is excluded all count), keys are conditions. @throws LibpodError SPEC_INVALID */
export function volumeTest(filters: Filters, all: readonly VolumeInUse[]): Test {
  const groups = Map.groupBy(conditionsOf(filters), ({ key, wanted }) => `${key}:${wanted}`)
  const tests = [...groups.values()].map(conditions => {
    const each = conditions.map(({ key, value, wanted }) => ({
      test: makeTest(key, value, all),
      wanted: wanted === 'yes',
    }))
    const every = conditions.some(({ key, wanted }) => key === 'label' || wanted === 'no')
    const holds =
      (subject: VolumeInUse) =>
      ({ test, wanted }: (typeof each)[number]): boolean =>
        test(subject) === wanted
    return (subject: VolumeInUse): boolean => (every ? each.every(holds(subject)) : each.some(holds(subject)))
  })
  return subject => tests.every(test => test(subject))
}

function makeTest(key: string, value: string, all: readonly VolumeInUse[]): Test {
  const maker = Object.hasOwn(makers, key) ? makers[key] : undefined
  if (maker) return maker(value, all)
  throw new LibpodError('SPEC_INVALID', `${JSON.stringify(key)} is an invalid volume filter`)
}
