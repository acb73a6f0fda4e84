import type { Writable } from 'node:stream'
import { UsageError } from './cli/usage-error.ts'
import type { Terminal } from './terminal.ts'

/** A line typed by the user. Throws UsageError without a terminal to type at. */
export async function askLine(prompt: string, io: Terminal): Promise<string> {
  needTerminal(prompt, io)
  return (await typed(prompt, { io, shown: process.stdout })).trim()
}

/** Like {@link askLine}, and nothing of it is shown. */
export async function askSecret(prompt: string, io: Terminal): Promise<string> {
  const { Writable } = await import('node:stream')
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
  needTerminal(prompt, io)
  const secret = typed(prompt, { io, shown: nowhere, announce: () => io.out(prompt) })
  return await secret.finally(() => io.out('\n'))
}

function needTerminal(prompt: string, io: Terminal): void {
  if (!io.isTerminal('stdin'))
    throw new UsageError(`${prompt.trim()} cannot be asked for: standard input is no terminal`)
}

interface Manner {
  readonly io: Terminal
  /** Where the prompt and what is typed are seen. */
  readonly shown: Writable
  /** Called when the terminal shows nothing by itself any more. */
  readonly announce?: () => void
}

async function typed(prompt: string, { io, shown, announce }: Manner): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const given = new AbortController()
  const signal = AbortSignal.any([given.signal, io.interrupted])
  const lines = createInterface({ input: process.stdin, output: shown, terminal: true })
  lines.once('close', () => given.abort(new UsageError('nothing was typed'))) // Ctrl-C and Ctrl-D
  announce?.()
  try {
    return await lines.question(prompt, { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    lines.close()
  }
}

/** All of standard input. */
export async function readInput(): Promise<string> {
  return Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>)).toString()
}
