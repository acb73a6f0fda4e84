/** Versions and constraints on them as skopeo-sync(1)'s `images-by-semver` has them: of Masterminds/semver. */
interface Version {
  readonly numbers: readonly [number, number, number]
  /** How many of the numbers were given. */
  readonly given: number
  readonly prerelease: readonly string[]
}

type Test = (version: Version) => boolean

/** Whether a tag is a version that satisfies it; what is no version never does. Undefined: the text is no constraint. */
export function semverConstraint(text: string): ((tag: string) => boolean) | undefined {
  const choices: Test[][] = []
  for (const choice of text.split('||')) {
    const tests = readChoice(choice.trim())
    if (tests === undefined) return undefined
    choices.push(tests)
  }
  return tag => {
    const version = readVersion(tag)
    return version !== undefined && choices.some(tests => tests.every(test => test(version)))
  }
}

const number = '(0|[1-9][0-9]{0,8}|[xX*])'
const tail = '(?:-([0-9A-Za-z.-]{1,200}))?(?:\\+[0-9A-Za-z.-]{1,200})?'
const pattern = `v?${number}(?:\\.${number})?(?:\\.${number})?${tail}`
const whole = new RegExp(`^${pattern}$`)
const hyphened = /^(\S+)\s+-\s+(\S+)$/
const condition = new RegExp(`^(=|!=|<>|>|<|>=|=>|<=|=<|~|~>|\\^)?\\s*(${pattern})(?:[\\s,]+|$)`)

function readVersion(tag: string): Version | undefined {
  const version = read(tag)
  return version === undefined || /[xX*]/.test(tag.split(/[-+]/, 1)[0] ?? '') ? undefined : version
}

function read(text: string): Version | undefined {
  const [match, ...groups] = whole.exec(text) ?? []
  if (match === undefined) return undefined
  const [major, minor, patch, prerelease = ''] = groups
  const numbers = [major, minor, patch]
  const wild = numbers.findIndex(one => one === undefined || /[xX*]/.test(one))
  const given = wild < 0 ? 3 : wild
  const at = (index: number): number => (index < given ? Number(numbers[index]) : 0)
  return { numbers: [at(0), at(1), at(2)], given, prerelease: prerelease === '' ? [] : prerelease.split('.') }
}

function readChoice(text: string): Test[] | undefined {
  const [, from, to] = hyphened.exec(text) ?? []
  if (from !== undefined && to !== undefined) return readChoice(`>=${from} <=${to}`)
  const tests: Test[] = []
  for (let rest = text; rest !== ''; ) {
    const [match, operator = '', limit = ''] = condition.exec(rest) ?? []
    const version = read(limit)
    if (match === undefined || version === undefined) return undefined
    tests.push(testOf(operator, version))
    rest = rest.slice(match.length)
  }
  return tests.length === 0 ? undefined : tests
}

function testOf(operator: string, limit: Version): Test {
  const test = comparison(operator, limit)
  // Who does not ask for a version before its release does not get it.
  return version => (version.prerelease.length === 0 || limit.prerelease.length > 0) && test(version)
}

function comparison(operator: string, limit: Version): Test {
  const { given } = limit
  switch (operator) {
    case '!=':
    case '<>':
      return version => !(given < 3 ? sameBeginning(version, limit, given) : compare(version, limit) === 0)
    case '>':
      return version => compare(version, limit) > 0 && !(given < 3 && sameBeginning(version, limit, given))
    case '<':
      return version => compare(version, limit) < 0
    case '>=':
    case '=>':
      return version => compare(version, limit) >= 0
    case '<=':
    case '=<':
      return version => compare(version, limit) <= 0 || (given < 3 && sameBeginning(version, limit, given))
    case '~':
    case '~>':
      return within(limit, Math.min(2, given))
    case '^':
      return within(limit, caretLength(limit))
    default:
      return given < 3 ? within(limit, given) : version => compare(version, limit) === 0
  }
}

const within =
  (limit: Version, length: number): Test =>
  version =>
    compare(version, limit) >= 0 && sameBeginning(version, limit, length)

/** What comes before and with the first number that is not 0 stays. */
function caretLength({ numbers, given }: Version): number {
  const first = numbers.findIndex((one, at) => at < given && one > 0)
  return first < 0 ? given : first + 1
}

const sameBeginning = (one: Version, other: Version, length: number): boolean =>
  one.numbers.slice(0, length).every((number, at) => number === other.numbers[at])

function compare(one: Version, other: Version): number {
  const at = one.numbers.findIndex((number, index) => number !== other.numbers[index])
  if (at >= 0) return (one.numbers[at] ?? 0) - (other.numbers[at] ?? 0)
  return comparePrereleases(one.prerelease, other.prerelease)
}

/** A release comes after what was before it; numbers come before words (semver.org, 11). */
function comparePrereleases(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return other.length - one.length
  for (const [at, word] of one.entries()) {
    const against = other[at]
    if (against === undefined) return 1
    if (word !== against) return compareWords(word, against)
  }
  return one.length - other.length
}

function compareWords(one: string, other: string): number {
  const [a, b] = [one, other].map(word => /^[0-9]+$/.test(word))
  if (a && b) return Number(one) - Number(other)
  if (a !== b) return a ? -1 : 1
  return one < other ? -1 : 1
}
