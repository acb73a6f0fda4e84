import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { codeOf, ExitStatus } from './exit-codes.ts'

/** What others tell this process instead of the program; the last two a terminal tells both. */
const passed = ['SIGHUP', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const
const shared = ['SIGINT', 'SIGQUIT'] as const

/** As Podman ends when a signal ended the program. */
const killed = 255

/**
 * Runs a program in this one's stead: with its files, its signals, and its exit status.
 * @throws ExitStatus 127 when there is none, 126 when it cannot be run
 */
export async function runInstead([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env })
  for (const signal of passed) process.on(signal, () => child.kill(signal))
  for (const signal of shared) process.on(signal, () => {})
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? killed
  } catch (error) {
    throw refusal(program, error)
  }
}

function refusal(program: string, error: unknown): unknown {
  if (codeOf(error) === 'ENOENT')
    return new ExitStatus(
      127,
      `exec: ${JSON.stringify(program)}: ${program.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH'}`,
    )
  if (codeOf(error) === 'EACCES') return new ExitStatus(126, `fork/exec ${program}: permission denied`)
  return error
}
