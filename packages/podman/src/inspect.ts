import { ExitStatus, wording } from './exit-codes.ts'
import { isJson } from './print/is-json.ts'
import type { Struct } from './shapes/shape.ts'
import type { Terminal } from './terminal.ts'

/** An object as JSON, and what kind of object it is: the shapes of templates are by kind. */
export interface Inspected {
  readonly kind: keyof typeof shapes
  readonly object: object
}

const shapes = {
  artifact: async () => (await import('./shapes/artifact.ts')).artifactShape,
  container: async () => (await import('./shapes/container.ts')).containerShape,
  image: async () => (await import('./shapes/image.ts')).imageShape,
  network: async () => (await import('./shapes/network.ts')).networkShape,
  pod: async () => (await import('./shapes/pod.ts')).podShape,
  secret: async () => (await import('./shapes/secret.ts')).secretShape,
  volume: async () => (await import('./shapes/volume.ts')).volumeShape,
} satisfies Readonly<Record<string, () => Promise<Struct>>>

export interface InspectOptions {
  /** A Go template, `json`, or nothing for JSON. */
  readonly format: string | undefined
  /** Blanks before each level of the JSON. */
  readonly indent: number
  /** What is said of a name for which `find` failed; its own words when absent or undefined. */
  readonly problem?: (error: unknown, name: string) => string | undefined
}

/** Shows the objects behind all names that have one, then fails for those that have none. Resolves to the exit status. */
export async function inspectEach(
  names: readonly string[],
  find: (name: string) => Promise<Inspected>,
  io: Terminal,
  { format, indent, problem }: InspectOptions,
): Promise<number> {
  const outcomes = await Promise.allSettled(names.map(find))
  const found = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failures = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? [problem?.(outcome.reason, names[at] ?? '') ?? wording(outcome.reason)] : [],
  )
  if (found.length > 0 || format === undefined || isJson(format)) io.out(await inspectText(found, format, indent))
  if (failures.length > 0) throw new ExitStatus(125, failures.join('\nError: '))
  return 0
}

/** Objects as JSON, or each through a template. */
async function inspectText(found: readonly Inspected[], format: string | undefined, indent: number): Promise<string> {
  if (format === undefined || format === '' || isJson(format))
    return `${JSON.stringify(
      found.map(({ object }) => object),
      undefined,
      indent,
    )}\n`
  const [{ formatRows }, { goValue }] = await Promise.all([import('./print/format.ts'), import('./shapes/shape.ts')])
  const rows = await Promise.all(found.map(async ({ kind, object }) => goValue(object, await shapes[kind]())))
  return formatRows(format, rows, { name: 'inspect', type: '' })
}

/** The fields that templates may ask of a kind of object. */
export const shapeOf = (kind: Inspected['kind']): Promise<Struct> => shapes[kind]()
