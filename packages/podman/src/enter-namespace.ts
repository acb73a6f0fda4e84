import { fstatSync } from 'node:fs'
import type { Found } from './cli/find.ts'
import { ExitStatus, engineFailed } from './exit-codes.ts'
import { engineOptions, type GlobalValues } from './global-flags.ts'
import type { Self } from './open-engine.ts'
import { openTerminal } from './terminal.ts'

export interface Entry {
  readonly found: Found
  /** Its global options. */
  readonly root: { readonly values: GlobalValues; readonly given: ReadonlySet<string> }
  /** This program and its whole command line. */
  readonly again: Self
  /** Called when another program is about to take this one's place. */
  readonly beforeReplaced: () => void
}

/**
 * A plain user's command goes on in that user's namespace, where this program begins again; unless it needs none, or is only to be
 * run by whoever is there already. @throws ExitStatus, LibpodError ROOTLESS_UNAVAILABLE
 */
export async function enterNamespace({ found, root, again, beforeReplaced }: Entry): Promise<void> {
  const { row, rest, path } = found
  const { enterUserNamespace, isPlainUser, settleRuntimeDirectory } = await import('@libpod/libpod')
  if (isPlainUser()) {
    if (rest[0] === '--help') return
    if (row.userNamespace === 'none') {
      // What a login keeps is found by the commands that are in the namespace.
      if (!process.env.XDG_RUNTIME_DIR) settleRuntimeDirectory()
      return
    }
    if (row.userNamespace === 'within')
      throw new ExitStatus(
        engineFailed,
        `cannot run command ${JSON.stringify(path)} in rootless mode, must execute \`podman unshare\` first`,
      )
  }
  const onWarning = openTerminal().warn
  const engine = engineOptions(root.values, root.given)
  await enterUserNamespace(again, { engine, descriptors: passedOn(rest), onWarning, beforeReplaced })
}

/** Descriptors that the command line (or systemd, by LISTEN_FDS) passes to the container, as far as they are open. */
function passedOn(words: readonly string[]): readonly number[] {
  const line = words.join('\n')
  const count = Math.max(
    Number(process.env.LISTEN_FDS ?? 0) || 0,
    ...[...line.matchAll(/^--preserve-fds[=\n](\d{1,4})$/gm)].map(([, digits]) => Number(digits)),
  )
  const listed = [...line.matchAll(/^--preserve-fd[=\n]([\d,]+)$/gm)].flatMap(([, list = '']) =>
    list.split(',').map(Number),
  )
  const counted = Array.from({ length: count }, (_, index) => 3 + index)
  return [...new Set([...counted, ...listed])].filter(isOpen)
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return fd > 2
  } catch {
    return false
  }
}
