import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal } from '../terminal.ts'

/** How often a page is shown, and on what. */
export interface Repetition {
  readonly times: 'once' | 'until-interrupted'
  /** Between two pages. */
  readonly seconds: number
  /** On a terminal: in place of the page before, or below it. */
  readonly screen: 'cleared' | 'kept'
}

/** Shows what `page` makes, each time anew. */
export async function showRepeatedly(
  page: () => Promise<string>,
  { times, seconds, screen }: Repetition,
  io: Terminal,
): Promise<void> {
  const { interrupted } = io
  for (;;) {
    const text = await page()
    if (times !== 'once' && screen === 'cleared' && io.isTerminal('stdout')) io.out('\x1b[2J\x1b[H')
    io.out(text)
    if (times === 'once') return
    const goOn = await sleep(seconds * 1000, true, { signal: interrupted }).catch(() => false)
    if (!goOn) return
  }
}
