import { posix } from 'node:path'
import { UsageError } from '../cli/usage-error.ts'
import { splitWords } from './words.ts'

/** What a label may refer to (podman-container-runlabel(1), VARIABLES); every other name stands for nothing. */
export interface Variables {
  readonly IMAGE: string
  readonly NAME: string
  readonly PWD: string
  readonly HOME: string
  readonly OPT1: string
  readonly OPT2: string
  readonly OPT3: string
}

/**
 * The arguments for Podman that a label describes. Whoever made the image wrote it: it is split without a shell, its variables
 * are those above and never the caller's environment, a value stays within its word, and Podman is the only program it can start.
 * @throws UsageError
 */
export function labelArguments(label: string, variables: Variables): readonly string[] {
  const [program = '', ...words] = splitWords(label)
  if (!['podman', 'docker'].includes(posix.basename(program)))
    throw new UsageError(`the label starts ${JSON.stringify(program)}: only podman and docker are run for a label`)
  return words.flatMap(word => expand(word, variables))
}

function expand(word: string, variables: Variables): readonly string[] {
  // The caller's own options may be several words, or none.
  const option = /^\$\{?(OPT[123])\}?$/.exec(word)?.[1] as 'OPT1' | 'OPT2' | 'OPT3' | undefined
  if (option !== undefined) return splitWords(variables[option])
  const bare = /^(?:.*=)?(IMAGE|NAME)$/s.exec(word)?.[1] as 'IMAGE' | 'NAME' | undefined
  if (bare !== undefined) return [word.slice(0, -bare.length) + variables[bare]]
  return [word.replace(/\$(?:\{(\w*)\}|(\w+))/g, (_, braced, plain) => standsFor(braced ?? plain, variables))]
}

const standsFor = (name: string, variables: Variables): string =>
  Object.hasOwn(variables, name) ? variables[name as keyof Variables] : ''

/** What a container of an image is called when nobody says: the last part of the image's name. */
export function nameAfter(image: string): string {
  const last = image.split('/').at(-1) ?? ''
  return last.split(/[:@]/, 1)[0] ?? ''
}

/** The name that the arguments give to a container. */
export function nameGiven(args: readonly string[]): string | undefined {
  const at = args.findIndex(word => word === '--name' || word.startsWith('--name='))
  const found = args[at]
  return found === '--name' ? args[at + 1] : found?.slice('--name='.length)
}
