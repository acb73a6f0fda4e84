import type { ContainerSpec } from '@libpod/libpod'
import { parseFlags } from '../../src/cli/parse.ts'
import { containerFlags, containerSpec } from '../../src/options/container.ts'
import type { Caller } from '../../src/options/group.ts'

/** A caller whose environment and files are given here, so that tests read nothing of the machine. */
export function caller(files: Readonly<Record<string, string>> = {}, env: Caller['env'] = {}): Caller {
  const readText = (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`open ${path}: no such file or directory`)
    return text
  }
  return { env, directory: '/work/dir', readText }
}

/** The spec that `run OPTIONS… busybox` asks for. */
export function specOf(options: readonly string[], from: Caller = caller()): ContainerSpec {
  const { values, args } = parseFlags([...options, 'busybox', 'true'], containerFlags, { flagsStand: 'before' })
  return containerSpec(values, args, from)
}

/** The message with which options are refused. */
export function refusal(options: readonly string[], from?: Caller): string {
  try {
    specOf(options, from)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
