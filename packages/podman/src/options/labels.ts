import { UsageError } from '../cli/usage-error.ts'
import { wording } from '../exit-codes.ts'
import type { Caller } from './group.ts'
import { pairLines, parsePairs } from './pairs.ts'

interface LabelValues {
  readonly label: readonly string[]
  readonly 'label-file': readonly string[]
}

/** Labels of files, of options, and of the systemd unit that this runs in. A line of a file without a value says nothing. Throws UsageError. */
export function readLabels(values: LabelValues, caller: Caller): Record<string, string> {
  const lines = values['label-file'].flatMap(path => pairLines(readFile(path, caller)))
  const labels = [...lines.filter(line => line.includes('=')), ...values.label]
  return { ...parsePairs(labels, 'label'), ...unitLabel(caller) }
}

function readFile(path: string, caller: Caller): string {
  try {
    return caller.readText(path)
  } catch (error) {
    throw new UsageError(`unable to process labels: ${wording(error)}`)
  }
}

/** Within a systemd unit: which one it is, so that it can be restarted for a newer image (podman-auto-update(1)). */
const unitLabel = ({ env: { PODMAN_SYSTEMD_UNIT } }: Pick<Caller, 'env'>): Readonly<Record<string, string>> =>
  PODMAN_SYSTEMD_UNIT === undefined ? {} : { PODMAN_SYSTEMD_UNIT }
