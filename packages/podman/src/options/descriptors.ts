import { UsageError } from '../cli/usage-error.ts'

/** The descriptors that `--preserve-fds N` (3 … 2+N) and `--preserve-fd LIST` name. Throws UsageError. */
export function descriptors(count: number | undefined, list: readonly string[]): readonly number[] {
  if (count && list.length > 0)
    throw new UsageError('cannot specify both --preserve-fds and --preserve-fd at the same time')
  if (count) return Array.from({ length: count }, (_, at) => at + 3)
  return [...new Set(list.map(descriptor))]
}

function descriptor(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 2) return Number(text)
  throw new UsageError(
    `unable to parse --preserve-fd ${JSON.stringify(text)}: must be a list of file descriptors from 3 upwards`,
  )
}
