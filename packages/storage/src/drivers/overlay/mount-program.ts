import { spawnSync } from 'node:child_process'
import { StorageError } from '../../errors.ts'

/** A mount by a program such as fuse-overlayfs(1). */
export interface ProgramMount {
  readonly program: string
  readonly home: string
  readonly target: string
  /** What mount(2) would get as data, and the words that would be flags. */
  readonly data: string
  readonly words: readonly string[]
}

const patience = 30_000

/** Starts the program, which goes into the background once the file system is there. @throws StorageError DRIVER_UNSUPPORTED */
export function mountByProgram({ program, home, target, data, words }: ProgramMount): void {
  const { status, stderr, error } = spawnSync(program, ['-o', [data, ...words].join(','), target], {
    cwd: home,
    // The program lives as long as the mount: nothing of ours may stay open in it.
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: patience,
  })
  if (status === 0) return
  const text = error?.message ?? stderr.toString().trim().slice(-500)
  throw new StorageError('DRIVER_UNSUPPORTED', `mounting ${target} with ${program}: ${text}`, { subject: program })
}
