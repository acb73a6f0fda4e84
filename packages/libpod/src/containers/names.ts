import { randomBytes } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { ContainerId } from './containers.ts'

const adjectives =
  'able agile amber bold brave bright brisk calm candid clever cosmic crisp daring eager earnest fair fleet gentle glad golden happy hardy honest humble jolly keen kind lively lucid merry mild nimble noble patient plucky proud quick quiet rapid serene sharp silent sincere sleek smart snug solid spry steady stoic sunny swift tidy trusty vivid warm wise witty zesty'.split(
    ' ',
  )
const nouns =
  'anchor badger beacon birch breeze brook canyon cedar comet coral crane creek dawn delta dolphin dune eagle ember falcon fern finch fjord fox glacier grove harbor hawk heron island juniper kestrel lagoon lantern lark maple marten meadow mesa moose nebula oak orchid osprey otter pebble pine puffin quartz raven reef ridge robin sparrow spruce summit thistle tundra walnut willow wren'.split(
    ' ',
  )

/** A name nobody chose. */
export const inventName = (): string => `${oneOf(adjectives)}_${oneOf(nouns)}`

const oneOf = (words: readonly string[]) => words[randomBytes(4).readUInt32LE() % words.length]

/** `NAME-clone`, with a number when that is taken; the clone of a clone gets the next number. */
export function cloneName(name: string, taken: ReadonlySet<string>): string {
  const [, base = `${name}-clone`, last] = /^(.*-clone)(\d*)$/.exec(name) ?? []
  for (let number = last === undefined ? 0 : Number(last) + 1; ; number++) {
    const candidate = number === 0 ? base : `${base}${number}`
    if (!taken.has(candidate)) return candidate
  }
}

/** 64 hex digits whose first twelve are not a decimal number, which a person might take for a pid or a count. */
export function newContainerId(): ContainerId {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (/[a-f]/.test(id.slice(0, 12))) return id as ContainerId
  }
}

/** @throws LibpodError NAME_INVALID */
export function checkName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name
  throw new LibpodError('NAME_INVALID', 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument', {
    subject: name,
  })
}
