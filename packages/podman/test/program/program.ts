import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The two ways to run the command line: the sources as they are, and the bundle that is shipped. */
export const programs = {
  source: ['--conditions=development', '--', join(root, 'bin/podman.ts')],
  bundle: ['--', join(root, 'dist/podman.js')],
} as const

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs one command line to its end. */
export function podman(how: keyof typeof programs, ...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...programs[how], ...args], { encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}
