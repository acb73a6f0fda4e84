import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { CniError } from '../errors.ts'
import type { PluginInput, PluginOutcome, PluginRunner } from './runner.ts'

const outputLimit = 10 << 20
const logLimit = 64 << 10

/** Runs plugins as child processes of this one, in its namespaces. */
export const spawnRunner: PluginRunner = {
  async run(path, input, call = {}) {
    call.signal?.throwIfAborted()
    const child = await start(path, input)
    // A plugin may answer without reading all of its input.
    child.stdin.on('error', () => {})
    child.stdin.end(input.stdin)
    return outcomeOf(child, path, call.signal)
  },
}

async function start(path: string, input: PluginInput): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(path, [], { env: { ...input.env }, stdio: 'pipe' })
  await once(child, 'spawn')
  return child
}

async function outcomeOf(
  child: ChildProcessWithoutNullStreams,
  path: string,
  signal: AbortSignal | undefined,
): Promise<PluginOutcome> {
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  if (signal?.aborted) kill()
  try {
    const ended = once(child, 'close')
    const [stdout, stderr] = await Promise.all([collect(child, path), tail(child)])
    const [code, killedBy] = (await ended) as [number | null, NodeJS.Signals | null]
    signal?.throwIfAborted()
    return { exit: code ?? killedBy ?? 'SIGKILL', stdout, stderr }
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

async function collect(child: ChildProcessWithoutNullStreams, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > outputLimit) {
      child.kill('SIGKILL')
      const reason = `plugin ${path} wrote more than ${outputLimit} bytes`
      throw new CniError('PLUGIN_OUTPUT_INVALID', reason, { subject: path })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function tail(child: ChildProcessWithoutNullStreams): Promise<string> {
  let kept = Buffer.alloc(0)
  for await (const chunk of child.stderr as AsyncIterable<Buffer>)
    kept = Buffer.concat([kept, chunk]).subarray(-logLimit)
  return kept.toString('utf8')
}
