import { execFile } from 'node:child_process'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'

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
 * The command line that runc defined and crun and youki share. `flags` stand before every command; one that takes longer than
 * `patience` milliseconds is killed. Every method @throws LibpodError RUNTIME_FAILED with the runtime's last words.
 */
export function runcCli(path: string, flags: readonly string[], patience = usualPatience): OciRuntime {
  const run = (args: readonly string[], call?: Call): Promise<string> =>
    runRuntime(path, [...flags, ...args], { patience, signal: call?.signal })
  return {
    path,
    start: async (id, call) => void (await run(['start', id], call)),
    kill: async (id, signal, whom, call) =>
      void (await run(['kill', ...(whom === 'all' ? ['--all'] : []), id, String(signal)], call)),
    delete: async (id, call) => void (await run(['delete', '--force', id], call)),
    pause: async (id, call) => void (await run(['pause', id], call)),
    resume: async (id, call) => void (await run(['resume', id], call)),
    checkpoint: async (id, options, call) => void (await run(['checkpoint', ...options, id], call)),
    update: async (id, file, call) => void (await run(['update', '--resources', file, id], call)),
  }
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '',
}

function runRuntime(
  path: string,
  args: readonly string[],
  { patience, signal }: { readonly patience: number; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const options = { env: environment, timeout: patience, killSignal: 'SIGKILL', ...(signal ? { signal } : {}) } as const
  return new Promise((resolve, reject) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (error.name === 'AbortError') reject(signal?.reason)
      else if (error.killed) reject(runtimeError(path, `did not finish within ${patience} ms and was killed`, error))
      else reject(runtimeError(path, stderr || error.message, error))
    })
  })
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
