import { existsSync, readdirSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

/** Who may write this file has a say in what Podman may do on this host; without it nobody has. */
const permission = '/etc/containers/podman_preexec_hooks.txt'
const usual = ['/usr/libexec/podman/pre-exec-hooks', '/etc/containers/pre-exec-hooks']

/**
 * Runs the programs that a host wants asked before any command, in the order of their names, with the command line as their
 * arguments. The exit status of the first that says no; undefined when none does.
 */
export async function refusedByHooks(argv: readonly string[], env = process.env): Promise<number | undefined> {
  if (!existsSync(permission)) return undefined
  if (await wasAsked(env)) return undefined
  const { PODMAN_PREEXEC_HOOKS_DIR: own } = env
  for (const hook of [...usual, ...(own ? [own] : [])].flatMap(programsIn)) {
    const status = await statusOf(hook, argv)
    if (status !== 0) return status
  }
  return undefined
}

/** A plain user's command has been asked about before it went on in the user's namespace. Whoever sets root's variables has not. */
async function wasAsked(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (env._CONTAINERS_USERNS_CONFIGURED === undefined || process.geteuid?.() !== 0) return false
  const { outerUser } = await import('@libpod/libpod')
  return outerUser(env).uid !== 0
}

function programsIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const files = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isFile())
  return files
    .map(({ name }) => join(directory, name))
    .sort()
    .filter(isProgram)
}

const isProgram = (path: string): boolean => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0

async function statusOf(hook: string, argv: readonly string[]): Promise<number> {
  const { spawnSync } = await import('node:child_process')
  const { status, signal, error } = spawnSync(hook, ['podman', ...argv], { stdio: 'inherit' })
  // One that was removed meanwhile says nothing.
  if (error) return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : 1
  return status ?? 127 + (signal ? constants.signals[signal] : 0)
}
