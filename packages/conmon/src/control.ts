import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ConmonError } from './errors.ts'

/** In character cells. */
export interface TerminalSize {
  readonly height: number
  readonly width: number
}

/** What conmon takes: a line outside is ignored by it. */
const largest = 1000
const clamp = (cells: number): number => Math.min(Math.max(Math.trunc(cells), 0), largest)

/** Sets the size of a container's terminal; sizes beyond 1000 are cut. @throws ConmonError CONTROL_FAILED */
export const resizeTerminal = (bundle: string, { height, width }: TerminalSize): Promise<void> =>
  order(bundle, `1 ${clamp(height)} ${clamp(width)}\n`)

/** Makes conmon open its log files anew, after they were moved away. @throws ConmonError CONTROL_FAILED */
export const reopenLogs = (bundle: string): Promise<void> => order(bundle, '2 0 0\n')

/** conmon opens its end of the pipe a moment after it makes the pipe. */
async function order(bundle: string, line: string, tries = 20): Promise<void> {
  try {
    const fd = openSync(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      writeSync(fd, line)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENXIO' || tries === 0)
      throw new ConmonError('CONTROL_FAILED', `the monitor in ${bundle} takes no orders: ${(cause as Error).message}`, {
        subject: bundle,
        cause,
      })
    await delay(5)
    await order(bundle, line, tries - 1)
  }
}
