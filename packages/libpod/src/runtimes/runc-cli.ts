import { execFile } from 'node:child_process'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'

/** The commands of an OCI runtime that the engine gives itself; `create` and `exec` are conmon's. */
export interface OciRuntime {
  readonly path: string
  start(id: string, call?: Call): Promise<void>
  kill(id: string, signal: number, whom: 'init' | 'all', call?: Call): Promise<void>
  /** Undefined: the runtime does not know it. */
  state(id: string, call?: Call): Promise<{ readonly status: string; readonly pid: number } | undefined>
  /** Forgets the container and its cgroup; fine when it is gone already. */
  delete(id: string, call?: Call): Promise<void>
  pause(id: string, call?: Call): Promise<void>
  resume(id: string, call?: Call): Promise<void>
  update(id: string, resourcesFile: string, call?: Call): Promise<void>
}

/** The command line that runc defined and crun and youki share. `flags` stand before every command. */
export function runcCli(path: string, flags: readonly string[]): OciRuntime {
  const run = (args: readonly string[], call?: Call): Promise<string> =>
    runRuntime(path, [...flags, ...args], call?.signal)
  return {
    path,
    start: async (id, call) => void (await run(['start', id], call)),
    kill: async (id, signal, whom, call) =>
      void (await run(['kill', ...(whom === 'all' ? ['--all'] : []), id, String(signal)], call)),
    state: (id, call) => run(['state', id], call).then(parseState, () => undefined),
    delete: async (id, call) => void (await run(['delete', '--force', id], call)),
    pause: async (id, call) => void (await run(['pause', id], call)),
    resume: async (id, call) => void (await run(['resume', id], call)),
    update: async (id, file, call) => void (await run(['update', '--resources', file, id], call)),
  }
}

function parseState(text: string): { status: string; pid: number } | undefined {
  const { status, pid } = JSON.parse(text) as { status: string; pid?: number }
  return { status, pid: pid ?? 0 }
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '',
}

function runRuntime(path: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, args, { env: environment, ...(signal ? { signal } : {}) }, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (error.name === 'AbortError') reject(signal?.reason)
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
