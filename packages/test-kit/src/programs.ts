import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly input?: string | Uint8Array
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Milliseconds; 60,000 unless told. */
  readonly timeout?: number
}

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** An environment in which a program finds what it needs and nothing of the user's. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
}

/** Runs a program to its end, whatever that is. Rejects only when it cannot be started or outlives its time. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? plainEnvironment, stdio: 'pipe' })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', piece => {
      output[name] += piece
    })
  }
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    reject(new Error(`${program} ${args.join(' ')}: still running after its time; it said: ${output.stderr}`))
  }, options.timeout ?? 60_000)
  child.on('error', reject)
  child.on('close', (code, signal) => {
    clearTimeout(timer)
    resolve({ code, signal, ...output })
  })
  child.stdin.on('error', () => {}) // a program may leave without reading what it is given
  child.stdin.end(options.input)
  return promise
}

/** Runs a program that must succeed; gives its standard output. */
export async function output(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(program, args, options)
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}: ${stderr.trim() || stdout.trim()}`)
  return stdout
}
