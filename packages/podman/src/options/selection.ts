import { readFileSync } from 'node:fs'
import type { ContainerSummary, Engine, ListOptions } from '@libpod/libpod'
import { bool, list } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { codeOf, ExitStatus, engineFailed } from '../exit-codes.ts'
import { parseFilters } from './filters.ts'

export const latestFlag = bool(
  'Act on the latest container podman is aware of\nNot supported with the "--remote" flag',
  { short: 'l' },
)
export const allFlag = (help: string) => bool(help, { short: 'a' })
export const cidfileFlag = list('Read the container ID from the file')
export const filterFlag = list('Filter output based on conditions given', { short: 'f' })

/** The ways to say which containers a verb is for; a command has those that Podman's has. */
export interface Selection {
  readonly all?: boolean
  readonly latest?: boolean
  readonly cidfile?: readonly string[]
  readonly filter?: readonly string[]
  readonly args: readonly string[]
}

/** Refuses contradictions, and no selection at all. Throws UsageError. */
export function checkSelection({ all, latest, cidfile = [], filter = [], args }: Selection): void {
  if (cidfile.length > 0 && (all || latest))
    throw new UsageError('--all, --latest, and --cidfile cannot be used together')
  if (all && latest) throw new UsageError('--all and --latest cannot be used together')
  if (args.length > 0 && all) throw new UsageError('no arguments are needed with --all')
  if (args.length > 0 && latest) throw new UsageError('--latest and containers cannot be used together')
  if (args.length > 0 && filter.length > 0) throw new UsageError('--filter takes no arguments')
  if (args.length === 0 && !all && !latest && cidfile.length === 0 && filter.length === 0)
    throw new UsageError('you must provide at least one name or id')
}

export interface SelectOptions {
  /** Which containers `--all` stands for. */
  readonly all?: (container: ContainerSummary) => boolean
  /** A file of `--cidfile` that does not exist. */
  readonly missingFile?: 'refuse' | 'ignore'
  /** A name that no container has: nothing is done to any (absent), or the verb tells of it in its turn. */
  readonly unknown?: 'refuse' | 'leave'
  /** The exit status when there is no latest container; 125 when absent. */
  readonly noneStatus?: number
}

/** The names or ids that a selection stands for, in the order given. Rejects when one of them is unknown, unless asked otherwise. */
export async function select(
  selection: Selection,
  open: () => Promise<Engine>,
  options: SelectOptions = {},
): Promise<readonly string[]> {
  checkSelection(selection)
  const { all, latest, cidfile = [], filter = [], args } = selection
  const fromFiles = cidfile.flatMap(path => readId(path, options.missingFile ?? 'refuse'))
  const engine = await open()
  if (latest) return [await latestContainer(engine, options.noneStatus)]
  if (all || filter.length > 0) {
    const filters = filter.length > 0 ? { filters: parseFilters(filter) } : {}
    const found = await engine.containers.list({ which: 'all', ...filters } satisfies ListOptions)
    return found.filter(one => filter.length > 0 || (options.all ?? (() => true))(one)).map(one => one.id)
  }
  const names = [...fromFiles, ...args]
  if (options.unknown !== 'leave') for (const name of names) await engine.containers.resolve(name)
  return names
}

/** The id of the container created last. Throws ExitStatus when there is none. */
export async function latestContainer(engine: Engine, noneStatus = engineFailed): Promise<string> {
  const [newest] = await engine.containers.list({ which: 'all', last: 1 })
  if (!newest) throw new ExitStatus(noneStatus, 'no such container')
  return newest.id
}

function readId(path: string, missing: 'refuse' | 'ignore'): string[] {
  try {
    return [readFileSync(path, 'utf8').split('\n', 1)[0] ?? '']
  } catch (error) {
    if (missing === 'ignore' && codeOf(error) === 'ENOENT') return []
    throw new UsageError(
      `reading CIDFile: open ${path}: ${codeOf(error) === 'ENOENT' ? 'no such file or directory' : String(codeOf(error))}`,
    )
  }
}

/** One name, or the latest container. Throws UsageError unless it is exactly one of the two. */
export async function selectOne(
  args: readonly string[],
  latest: boolean,
  options: { engine: Engine; verb: string; problem: string },
): Promise<string> {
  if (latest && args.length > 0) throw new UsageError('--latest and containers cannot be used together')
  if (latest) return latestContainer(options.engine)
  if (args.length > 1) throw new UsageError(`\`podman ${options.verb}\` accepts at most one argument`)
  if (args[0] === undefined) throw new UsageError(options.problem)
  return args[0]
}
