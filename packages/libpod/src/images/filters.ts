import { formatDockerReference, repositoryName } from '@libpod/image'
import type { ImageRecord } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import {
  type Condition,
  conditionsOf,
  type Filters,
  matchesGlob,
  matchesLabel,
  parseBool,
  pointInTime,
} from '../filters/values.ts'
import type { Catalog } from './catalog.ts'
import { tryParse } from './names.ts'

/** Whether an image passes. */
export type ImageTest = (image: ImageRecord) => boolean | Promise<boolean>

/** What the conditions need to know beside the images themselves. */
export interface FilterWorld {
  readonly catalog: Catalog
  /** The image behind a name, for `since`, `before` and `reference`. */
  find(name: string): Promise<ImageRecord | undefined>
  /** How many containers stand on an image. */
  containers(image: ImageRecord): number
  /** When the image was last written or a container made of it; milliseconds since 1970. */
  lastUsed(image: ImageRecord): Promise<number>
  /** Whether every one of them was made by another tool. */
  onlyExternal(image: ImageRecord): boolean
}

type Maker = (value: string, world: FilterWorld) => ImageTest | Promise<ImageTest>

const created = (image: ImageRecord): number => Date.parse(image.created)

/** Conditions of one key are alternatives except where they narrow: Podman asks for all of them, and so does this. */
const makers: Readonly<Record<string, Maker>> = {
  since: async (value, world) => after(created(await need(world, 'since', value))),
  after: async (value, world) => after(created(await need(world, 'after', value))),
  before: async (value, world) => before(created(await need(world, 'before', value))),
  until: value => before(pointInTime(value)),
  'unused-for': (value, world) => {
    const time = pointInTime(value)
    return async image => (await world.lastUsed(image)) < time
  },
  id: value => image => image.id.startsWith(value),
  digest: digestTest,
  label:
    (value, { catalog }) =>
    async image =>
      matchesLabel(value, (await catalog.document(image))?.config.labels ?? {}),
  containers: containersTest,
  dangling: flag('dangling', (image, { catalog }) => catalog.isDangling(image)),
  intermediate: flag('intermediate', (image, { catalog }) => catalog.isIntermediate(image)),
  readonly: flag('readonly', async image => image.readOnly === 'yes'),
  manifest: flag('manifest', (image, { catalog }) => catalog.isList(image)),
}

const after =
  (time: number): ImageTest =>
  image =>
    created(image) > time
const before =
  (time: number): ImageTest =>
  image =>
    created(image) < time

function flag(key: string, is: (image: ImageRecord, world: FilterWorld) => Promise<boolean>): Maker {
  return (value, world) => {
    const wanted = parseBool(value, key)
    return async image => (await is(image, world)) === wanted
  }
}

function digestTest(value: string): ImageTest {
  if (!value.startsWith('sha256:')) throw invalid(`invalid value ${JSON.stringify(value)} for digest filter`)
  return image => image.digests.some(digest => digest.startsWith(value))
}

function containersTest(value: string, world: FilterWorld): ImageTest {
  if (value === 'external') return image => world.onlyExternal(image)
  if (value !== 'true' && value !== 'false')
    throw invalid(`unsupported value ${JSON.stringify(value)} for containers filter`)
  return image => world.containers(image) > 0 === (value === 'true')
}

async function need(world: FilterWorld, key: string, name: string): Promise<ImageRecord> {
  const image = await world.find(name)
  if (image) return image
  const text = `could not find local image for filter ${JSON.stringify(key)}=${JSON.stringify(name)}: ${name}: image not known`
  throw new LibpodError('IMAGE_UNKNOWN', text, { subject: name })
}

/** One test for all conditions. @throws LibpodError SPEC_INVALID, IMAGE_UNKNOWN */
export async function imageTest(filters: Filters, world: FilterWorld): Promise<ImageTest> {
  const conditions = conditionsOf(filters)
  const references = conditions.filter(({ key }) => key === 'reference')
  checkSingle(conditions)
  const tests = await Promise.all(
    conditions.filter(({ key }) => key !== 'reference').map(each => makeTest(each, world)),
  )
  if (references.length > 0) tests.push(await referenceTest(references, world))
  return async image => {
    for (const test of tests) if (!(await test(image))) return false
    return true
  }
}

async function makeTest({ key, value, wanted }: Condition, world: FilterWorld): Promise<ImageTest> {
  const maker = Object.hasOwn(makers, key) ? makers[key] : undefined
  if (!maker)
    throw invalid(`invalid image filter ${JSON.stringify(key)}: must be in the format "filter=value or filter!=value"`)
  const test = await maker(value, world)
  return wanted === 'yes' ? test : async image => !(await test(image))
}

function checkSingle(conditions: readonly Condition[]): void {
  for (const key of ['containers', 'dangling', 'intermediate', 'readonly', 'manifest']) {
    const values = new Set(conditions.filter(each => each.key === key).map(each => each.value))
    if (values.size > 1)
      throw invalid(`specifying ${JSON.stringify(key)} filter more than once with different values is not supported`)
  }
}

/** Any of the wanted references and none of the unwanted. */
async function referenceTest(conditions: readonly Condition[], world: FilterWorld): Promise<ImageTest> {
  const found = await Promise.all(
    conditions.map(async condition => ({
      ...condition,
      image: await world.find(condition.value).catch(() => undefined),
    })),
  )
  const isMatch = (image: ImageRecord, wanted: 'yes' | 'no'): boolean =>
    found.some(each => each.wanted === wanted && (each.image?.id === image.id || namesMatch(image.names, each.value)))
  const anyWanted = found.some(each => each.wanted === 'yes')
  return image => !isMatch(image, 'no') && (!anyWanted || isMatch(image, 'yes'))
}

const namesMatch = (names: readonly string[], pattern: string): boolean =>
  names.flatMap(spellings).some(spelling => matchesGlob(pattern, spelling))

/** With and without registry, with and without path, with and without tag. */
function spellings(name: string): readonly string[] {
  const reference = tryParse(name)
  if (!reference) return [name]
  const whole = formatDockerReference(reference)
  const repository = repositoryName(reference)
  const last = (text: string): string => text.slice(text.lastIndexOf('/') + 1)
  const suffix = whole.slice(repository.length)
  return [whole, reference.path, last(whole), repository, reference.path + suffix, last(repository)]
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)
