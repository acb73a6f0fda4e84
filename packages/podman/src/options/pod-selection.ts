import { readFileSync } from 'node:fs'
import type { Engine, PodSummary } from '@libpod/libpod'
import { list } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { ExitStatus, engineFailed } from '../exit-codes.ts'
import type { SelectOptions } from './selection.ts'

export const podIdFileFlag = list('Read the pod ID from the file')

/** The ways to say which pods a verb is for. */
export interface PodSelection {
  readonly all?: boolean
  readonly latest?: boolean
  readonly 'pod-id-file'?: readonly string[]
  readonly args: readonly string[]
}

interface SelectPodsOptions extends Pick<SelectOptions, 'unknown' | 'noneStatus'> {
  /** Which pods `--all` stands for. */
  readonly all?: (pod: PodSummary) => boolean
}

/** The names or ids that a selection stands for. Throws UsageError for contradictions and for none; rejects when one is unknown, unless asked otherwise. */
export async function selectPods(
  selection: PodSelection,
  { pods }: Engine,
  options: SelectPodsOptions = {},
): Promise<readonly string[]> {
  const { all, latest, 'pod-id-file': files = [], args } = selection
  refuseContradictions(selection)
  if (all) return (await pods.list()).filter(options.all ?? (() => true)).map(({ id }) => id)
  if (latest) return [await latestPod({ pods }, options.noneStatus)]
  const names = [...files.map(path => readFileSync(path, 'utf8').split('\n', 1)[0] ?? ''), ...args]
  if (names.length === 0) throw new UsageError('you must provide at least one name or id')
  if (options.unknown !== 'leave') for (const name of names) await pods.resolve(name)
  return names
}

/** In Podman's words, which for most verbs speak of containers. */
function refuseContradictions({ all, latest, 'pod-id-file': files = [], args }: PodSelection): void {
  if (files.length > 0 && (all || latest))
    throw new UsageError('--all, --latest, and --pod-id-file cannot be used together')
  if (all && latest) throw new UsageError('--all and --latest cannot be used together')
  if (args.length === 0) return
  if (all) throw new UsageError('no arguments are needed with --all')
  const others = all === undefined ? 'arguments' : 'containers'
  if (latest) throw new UsageError(`--latest and ${others} cannot be used together`)
  if (files.length > 0) throw new UsageError('no arguments are needed with --latest or --pod-id-file')
}

export async function latestPod({ pods }: Pick<Engine, 'pods'>, noneStatus = engineFailed): Promise<string> {
  const newest = (await pods.list()).toSorted((one, other) => other.created - one.created)[0]
  if (!newest) throw new ExitStatus(noneStatus, 'no such pod')
  return newest.id
}
