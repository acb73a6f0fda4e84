import { UsageError } from '../cli/usage-error.ts'

/** How many descriptors from 3 upwards a list names; the engine hands down no others. Throws UsageError. */
export function consecutive(texts: readonly string[]): number {
  const fds = texts.map(text => {
    if (!/^\d+$/.test(text))
      throw new UsageError(`unable to parse --preserve-fd ${JSON.stringify(text)}: must be a list of file descriptors`)
    return Number(text)
  })
  const sorted = [...new Set(fds)].sort((a, b) => a - b)
  if (sorted.some((fd, i) => fd !== i + 3))
    throw new UsageError('--preserve-fd: only consecutive descriptors from 3 upwards can be passed')
  return sorted.length
}
