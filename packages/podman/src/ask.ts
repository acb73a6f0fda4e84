import { UsageError } from './cli/usage-error.ts'
import type { Terminal } from './terminal.ts'

/** A line typed by the user. Throws UsageError without a terminal to type at. */
export async function askLine(prompt: string, io: Terminal): Promise<string> {
  if (!io.isTerminal('stdin'))
    throw new UsageError(`${prompt.trim()} cannot be asked for: standard input is no terminal`)
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return (await lines.question(prompt, { signal: io.interrupted })).trim()
  } finally {
    lines.close()
  }
}

/** Like {@link askLine}, and nothing of it is shown. */
export async function askSecret(prompt: string, io: Terminal): Promise<string> {
  if (!io.isTerminal('stdin'))
    throw new UsageError(`${prompt.trim()} cannot be asked for: standard input is no terminal`)
  io.out(prompt)
  process.stdin.setRawMode(true)
  try {
    let text = ''
    for await (const bytes of process.stdin) {
      for (const character of String(bytes)) {
        if (character === '\r' || character === '\n') return text
        if (character === '\x03' || character === '\x04') throw new UsageError('nothing was typed')
        text = character === '\x7f' || character === '\b' ? text.slice(0, -1) : text + character
      }
    }
    return text
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
    io.out('\n')
  }
}

/** All of standard input. */
export async function readInput(): Promise<string> {
  return Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>)).toString()
}
