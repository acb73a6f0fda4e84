import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One of the two that are compared: its command line up to a podman command, and its environment. */
export interface Side {
  readonly name: 'ours' | 'podman'
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** The installed Podman on this side's store: what only prepares is made by it on both sides. */
  readonly maker?: Side
}

export interface Finished {
  readonly milliseconds: number
  /** The largest resident size of the program itself, in KiB, as far as it could be seen. */
  readonly peak: number
}

const memoryLook = 10

/** Runs one command to its end. @throws when it fails */
export function finish(side: Side, args: readonly string[], watchMemory: 'yes' | 'no' = 'no'): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>()
  const [program, ...globals] = side.argv
  const begin = performance.now()
  const child = spawn(program, [...globals, ...args], { env: side.env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', piece => {
    complaint = (complaint + piece).slice(-2000)
  })
  let peak = 0
  const timer =
    watchMemory === 'yes'
      ? setInterval(() => (peak = Math.max(peak, residentPeak(child.pid ?? 0))), memoryLook)
      : undefined
  child.on('error', reject)
  child.on('exit', (code, signal) => {
    const milliseconds = performance.now() - begin
    clearInterval(timer)
    if (code === 0) resolve({ milliseconds, peak })
    else reject(new Error(`${side.name} ${args.join(' ')} ended with ${code ?? signal}: ${complaint.trim()}`))
  })
  return promise
}

function residentPeak(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
