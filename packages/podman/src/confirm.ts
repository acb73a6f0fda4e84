import { UsageError } from './cli/usage-error.ts'
import type { Terminal } from './terminal.ts'

/** Shows a warning and asks for a `y`; everything else is no. @throws UsageError when the input ends without an answer */
export async function confirm(warning: string, io: Terminal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  io.out(`${warning}\n`)
  const lines = createInterface({ input: process.stdin })
  io.out('Are you sure you want to continue? [y/N] ')
  try {
    for await (const line of lines) return /^y/i.test(line)
    throw new UsageError('EOF: nobody answered; --force asks nothing')
  } finally {
    lines.close()
  }
}
