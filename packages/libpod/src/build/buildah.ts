import { type ChildProcess, spawn } from 'node:child_process'
import { pipeline } from 'node:stream/promises'
import type { ImageRooms } from '../images/rooms.ts'
import type { Call } from '../spec/call.ts'
import { BuildError } from './error.ts'
import type { BuildEvent, BuildInput } from './spec.ts'
import { RunningSteps } from './steps.ts'

type StopRooms = Pick<ImageRooms, 'runtime' | 'host'>

export interface BuildahRun extends Call<BuildEvent> {
  readonly argv: readonly string[]
  /** An empty directory for its temporary files. Absolute. */
  readonly temporary: string
  readonly input?: BuildInput
  /** Instead of the host's files. */
  readonly storageConf?: string
}

/** How much of what Buildah says on standard error is kept for the error: its last words are there. */
const keptBytes = 8192
/** How long Buildah has to end the step at hand and to tidy up, once it was told to stop. */
const graceMs = 20_000

/**
 * Runs Buildah to its end and hands on what it says. Resolves to its last lines on standard output. A signal stops it as Ctrl-C
 * does and rejects with the signal's reason when it is gone. @throws BuildError
 */
export async function runBuildah(rooms: StopRooms, program: string, run: BuildahRun): Promise<string> {
  const { argv, temporary, storageConf, signal, onProgress, input } = run
  signal?.throwIfAborted()
  const child = spawn(program, argv, {
    stdio: [stdinOf(input), 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary, ...(storageConf && { CONTAINERS_STORAGE_CONF: storageConf }) },
  })
  const ended = Promise.withResolvers<number>()
  child.on('error', ended.reject)
  child.on('close', (code, killedBy) => ended.resolve(code ?? (killedBy === 'SIGINT' ? 130 : 143)))
  const said = { stdout: tail(), stderr: tail() }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (bytes: Uint8Array) => {
      said[stream].add(bytes)
      onProgress?.({ type: 'output', stream, bytes })
    })
  if (input !== undefined && input !== 'own' && child.stdin)
    // What the build does not want to read is no error of the build.
    pipeline(input, child.stdin).catch(() => undefined)
  const code = await stoppable(rooms, child, { ended: ended.promise, temporary, signal })
  signal?.throwIfAborted()
  if (code !== 0) throw new BuildError(lastError(said.stderr.text()), code)
  return said.stdout.text()
}

const stdinOf = (input: BuildInput | undefined) =>
  input === undefined ? 'ignore' : input === 'own' ? 'inherit' : 'pipe'

async function stoppable(
  { runtime, host }: StopRooms,
  child: ChildProcess,
  {
    ended,
    temporary,
    signal,
  }: { readonly ended: Promise<number>; readonly temporary: string; readonly signal: AbortSignal | undefined },
): Promise<number> {
  let last: NodeJS.Timeout | undefined
  let steps: RunningSteps | undefined
  const stop = () => {
    if (child.pid !== undefined) steps = new RunningSteps(child.pid, { bootId: host.bootId, temporary })
    child.kill('SIGTERM')
    last = setTimeout(() => child.kill('SIGKILL'), graceMs)
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await ended
  } finally {
    clearTimeout(last)
    signal?.removeEventListener('abort', stop)
    await steps?.end(runtime)
  }
}

function tail() {
  let kept = Buffer.alloc(0)
  return {
    add: (bytes: Uint8Array) => {
      kept = Buffer.concat([kept, bytes]).subarray(-keptBytes)
    },
    text: () => kept.toString('utf8'),
  }
}

/** `Error: …` is Buildah's last word; older and newer versions put a line of the log after it. */
function lastError(text: string): string {
  const lines = text.trimEnd().split('\n')
  const error = lines.findLast(line => line.startsWith('Error: '))
  return error?.slice('Error: '.length) ?? (lines.at(-1) || 'buildah failed and said nothing')
}
