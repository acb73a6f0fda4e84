import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { RuntimeToolsError } from '../errors.ts'
import type { Hook } from '../spec/hooks.ts'
import type { Spec } from '../spec/spec.ts'
import { readSpec, writeSpec } from '../spec/text.ts'

export interface HookCall {
  readonly signal?: AbortSignal
  /** Seconds between the end of a hook's timeout and its being killed. Absent: 10. */
  readonly grace?: number
}

const outputLimit = 16 << 20
const logLimit = 16 << 10

/**
 * Runs one hook with a text on its standard input, and gives its standard output. It gets only its own environment. When
 * its timeout ends it is asked to stop (SIGTERM), and killed after the grace.
 * @throws RuntimeToolsError HOOK_FAILED, HOOK_TIMEOUT; `signal.reason` when aborted
 */
export async function runHook(hook: Hook, stdin: string, call: HookCall = {}): Promise<string> {
  call.signal?.throwIfAborted()
  const child = await startHook(hook)
  child.stdin.on('error', () => {}) // a hook need not read
  child.stdin.end(stdin)
  const watch = watchHook(child, hook, call)
  try {
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([read(child, hook), tail(child)])
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null]
    call.signal?.throwIfAborted()
    if (watch.timedOut()) throw failed('HOOK_TIMEOUT', hook, `it ran longer than ${hook.timeout} s`)
    if (code === 0) return stdout
    throw failed('HOOK_FAILED', hook, `${killedBy ?? `exit status ${code}`}${stderr ? `: ${stderr.trim()}` : ''}`)
  } finally {
    watch.stop()
  }
}

/**
 * Runs `precreate` hooks one after another: each reads the spec and writes the one that replaces it; nothing written
 * leaves it as it was.
 * @throws RuntimeToolsError HOOK_FAILED, HOOK_TIMEOUT, SPEC_INVALID
 */
export async function runPrecreateHooks(hooks: readonly Hook[], spec: Spec, call: HookCall = {}): Promise<Spec> {
  let text = writeSpec(spec)
  for (const hook of hooks) text = (await runHook(hook, text, call)).trim() || text
  return hooks.length > 0 ? readSpec(text) : spec
}

/**
 * Runs `poststop` hooks with the container's state (runtime-spec, "State") on their input. A hook that fails does not
 * keep the others from running; the failures are returned.
 */
export async function runPoststopHooks(
  hooks: readonly Hook[],
  state: object,
  call: HookCall = {},
): Promise<readonly unknown[]> {
  const failures: unknown[] = []
  for (const hook of hooks) {
    await runHook(hook, JSON.stringify(state), call).catch(error => failures.push(error))
    call.signal?.throwIfAborted()
  }
  return failures
}

async function startHook(hook: Hook): Promise<ChildProcessWithoutNullStreams> {
  const [argv0 = hook.path, ...args] = hook.args ?? []
  const env = Object.fromEntries(
    (hook.env ?? []).map(pair => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]),
  )
  const child = spawn(hook.path, args, { argv0, env, cwd: '/', stdio: 'pipe', detached: true })
  try {
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw failed('HOOK_FAILED', hook, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function watchHook(child: ChildProcessWithoutNullStreams, hook: Hook, call: HookCall) {
  let late = false
  // The whole group: what a hook started must not outlive it and hold its output open.
  const stop = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    } catch {
      // It ended by itself.
    }
  }
  const kill = () => stop('SIGKILL')
  const timers: NodeJS.Timeout[] = []
  if (hook.timeout !== undefined) {
    timers.push(
      setTimeout(() => {
        late = true
        stop('SIGTERM')
        timers.push(setTimeout(kill, (call.grace ?? 10) * 1000))
      }, hook.timeout * 1000),
    )
  }
  call.signal?.addEventListener('abort', kill, { once: true })
  return {
    timedOut: () => late,
    stop() {
      call.signal?.removeEventListener('abort', kill)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

async function read(child: ChildProcessWithoutNullStreams, hook: Hook): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > outputLimit) {
      child.kill('SIGKILL')
      throw failed('HOOK_FAILED', hook, `it wrote more than ${outputLimit} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function tail(child: ChildProcessWithoutNullStreams): Promise<string> {
  let kept = Buffer.alloc(0)
  for await (const chunk of child.stderr as AsyncIterable<Buffer>)
    kept = Buffer.concat([kept, chunk]).subarray(-logLimit)
  return kept.toString('utf8')
}

const failed = (code: 'HOOK_FAILED' | 'HOOK_TIMEOUT', hook: Hook, reason: string, cause?: unknown) =>
  new RuntimeToolsError(code, `hook ${hook.path} failed: ${reason}`, { subject: hook.path, cause })
