import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import { type ProgramRun, runProgram } from '../host/run-program.ts'
import { busVariables } from '../rootless/user-bus.ts'
import type { Call } from '../spec/call.ts'
import { programOf } from './program.ts'

/** The commands of an OCI runtime that the engine gives itself; `create` and `exec` are conmon's. */
export interface OciRuntime {
  readonly path: string
  start(id: string, call?: Call): Promise<void>
  kill(id: string, signal: number, whom: 'init' | 'all', call?: Call): Promise<void>
  /** Forgets the container and its cgroup; fine when it is gone already. */
  delete(id: string, call?: Call): Promise<void>
  pause(id: string, call?: Call): Promise<void>
  resume(id: string, call?: Call): Promise<void>
  update(id: string, resourcesFile: string, call?: Call): Promise<void>
  /** Writes the processes into a directory, and ends them unless `--leave-running` is among the options. */
  checkpoint(id: string, options: readonly string[], call?: Call): Promise<void>
}

/** Milliseconds that one of these commands may take; none waits for the container's own program. */
const usualPatience = 120_000

/**
 * The command line that runc defined and crun and youki share. One that takes longer than
 * `patience` milliseconds is killed. Every method @throws LibpodError RUNTIME_FAILED with the runtime's last words.
 */
export function runcCli(
  path: string,
  { runtimeFlags, rootless }: Pick<ResolvedOptions, 'runtimeFlags' | 'rootless'>,
  patience = usualPatience,
): OciRuntime {
  const env = environment(rootless)
  const run = (args: readonly string[], { signal }: Call = {}): Promise<void> =>
    runRuntime(path, { args: [...runtimeFlags, ...args], env, patience, signal })
  return {
    path,
    start: (id, call) => run(['start', id], call),
    kill: (id, signal, whom, call) => run(['kill', ...(whom === 'all' ? ['--all'] : []), id, String(signal)], call),
    delete: (id, call) => run(['delete', '--force', id], call),
    pause: (id, call) => run(['pause', id], call),
    resume: (id, call) => run(['resume', id], call),
    checkpoint: (id, options, call) => run(['checkpoint', ...options, id], call),
    update: (id, file, call) => run(['update', '--resources', file, id], call),
  }
}

/** A runtime looks for its state where this says, and found the place in conmon's environment when it made the container. */
const environment = (rootless: 'yes' | 'no'): Readonly<Record<string, string>> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  XDG_RUNTIME_DIR: runtimeDirectory(rootless),
  ...busVariables(rootless),
})

/** Root's runtime has none of a login's, whatever the environment says. */
export const runtimeDirectory = (rootless: 'yes' | 'no'): string =>
  rootless === 'yes' ? (process.env.XDG_RUNTIME_DIR ?? '') : ''

async function runRuntime(path: string, run: ProgramRun): Promise<void> {
  const { exit, stderr } = await runProgram(programOf(path), run).catch(cause => {
    run.signal?.throwIfAborted()
    throw runtimeError(path, String(cause.message), cause)
  })
  if (exit === 'late') throw runtimeError(path, `did not finish within ${run.patience} ms and was killed`)
  if (exit !== 0) throw runtimeError(path, stderr || `ended with ${exit}`, new Error(stderr))
}

/** The runtime's last words, out of its text or JSON log lines. */
export function runtimeError(path: string, output: string, cause?: unknown): LibpodError {
  const lines = output.trim().split('\n').map(messageOf)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return new LibpodError('RUNTIME_FAILED', `OCI runtime error: ${name}: ${lines.at(-1) || 'failed without a word'}`, {
    subject: name,
    cause,
  })
}

function messageOf(line: string): string {
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown }
    return typeof msg === 'string' ? msg : line
  } catch {
    return /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1]?.replace(/\\(.)/g, '$1') ?? line
  }
}
