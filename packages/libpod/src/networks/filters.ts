import { LibpodError } from '../errors.ts'
import { conditionsOf, type Filters, matchesLabel, parseBool, pointInTime } from '../filters/values.ts'
import type { NetworkRecord } from './networks.ts'

type Test = (network: NetworkRecord) => boolean

const makers: Readonly<Record<string, (value: string) => Test>> = {
  name: value => network => matchesText(value, network.name),
  id: value => network => network.id.startsWith(value),
  driver: value => network => network.driver === value,
  label: value => network => matchesLabel(value, network.labels),
  until: value => {
    const time = pointInTime(value)
    return network => Date.parse(network.created) < time
  },
}

/** A name filter is a regular expression; one that is none is a piece of text. */
function matchesText(pattern: string, text: string): boolean {
  if (text.includes(pattern)) return true
  const anchored = /^\^?([\w.-]*)(\.\*)?\$?$/.exec(pattern)
  if (!anchored) return false
  const [, literal = '', rest] = anchored
  const [begins, ends] = [pattern.startsWith('^'), pattern.endsWith('$') && rest === undefined]
  if (begins && ends) return text === literal
  return begins ? text.startsWith(literal) : ends ? text.endsWith(literal) : text.includes(literal)
}

/** Values of one key are alternatives (labels: all of them), keys are conditions. @throws LibpodError SPEC_INVALID */
export function networkTest(filters: Filters): Test {
  const conditions = conditionsOf(filters).map(({ key, value, wanted }) => ({
    key,
    wanted,
    test: makeTest(key, value),
  }))
  const keys = new Set(conditions.map(({ key, wanted }) => `${key}:${wanted}`))
  return network =>
    [...keys].every(group => {
      const members = conditions.filter(({ key, wanted }) => `${key}:${wanted}` === group)
      const holds = ({ test, wanted }: (typeof members)[number]): boolean => test(network) === (wanted === 'yes')
      return group.startsWith('label:') || group.endsWith(':no') ? members.every(holds) : members.some(holds)
    })
}

function makeTest(key: string, value: string): Test {
  if (key === 'dangling')
    throw new LibpodError(
      'SPEC_INVALID',
      `invalid dangling filter value ${JSON.stringify(value)}: it needs the containers`,
    )
  const maker = Object.hasOwn(makers, key) ? makers[key] : undefined
  if (maker) return maker(value)
  throw new LibpodError('SPEC_INVALID', `invalid filter ${JSON.stringify(key)}`)
}

/** Takes the `dangling` values out: they are judged by whoever knows the containers. @throws LibpodError SPEC_INVALID */
export function splitDangling(filters: Filters): { readonly rest: Filters; readonly dangling: boolean | undefined } {
  const { dangling = [], ...rest } = filters
  const [value] = dangling
  return { rest, dangling: value === undefined ? undefined : parseBool(value, 'dangling') }
}
