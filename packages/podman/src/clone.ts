import type { ContainerSpec } from '@libpod/libpod'
import { findCommand } from './cli/find.ts'
import { parseFlags } from './cli/parse.ts'
import { UsageError } from './cli/usage-error.ts'
import { table } from './commands/table.ts'
import { rootFlags } from './global-flags.ts'
import { type ContainerValues, containerFlags, containerSpec, thisCaller } from './options/container.ts'

/**
 * The spec of a container again, read from the command line that created it (`CreateCommand` of `inspect`).
 * Throws UsageError when it was not made by `run` or `create`.
 */
export async function specOfCommand(line: readonly string[]): Promise<ContainerSpec> {
  const root = parseFlags(line.slice(1), rootFlags, { flagsStand: 'before' })
  const found = findCommand(table, root.args)
  if ('help' in found) throw notOurs(line)
  const { command } = await found.row.load()
  if (!Object.keys(containerFlags).every(name => Object.hasOwn(command.flags, name))) throw notOurs(line)
  const { values, args } = parseFlags(found.rest, command.flags, { flagsStand: 'before' })
  return containerSpec(values as unknown as ContainerValues, args, thisCaller())
}

const notOurs = (line: readonly string[]) =>
  new UsageError(`cannot clone: the container was made by ${JSON.stringify(line.join(' '))}, not by run or create`)
