import { constants } from 'node:os'
import { LibpodError } from '../errors.ts'

const realtimeFirst = 34
const realtimeLast = 64

/** The number of a signal given as a number or a name with or without SIG, realtime ones included. @throws LibpodError SPEC_INVALID */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  if (/^\d{1,3}$/.test(name)) {
    const number = Number(name)
    if (number > realtimeLast)
      throw new LibpodError('SPEC_INVALID', 'valid signals are 1 through 64', { subject: text })
    if (number >= 1) return number
  }
  const number = constants.signals[`SIG${name}` as NodeJS.Signals] ?? realtime(name)
  if (number !== undefined) return number
  throw new LibpodError('SPEC_INVALID', `invalid signal: ${text}`, { subject: text })
}

function realtime(name: string): number | undefined {
  const match = /^RT(MIN(?:\+(\d+))?|MAX(?:-(\d+))?)$/.exec(name)
  if (!match) return undefined
  const number = match[1]?.startsWith('MIN')
    ? realtimeFirst + Number(match[2] ?? 0)
    : realtimeLast - Number(match[3] ?? 0)
  return number >= realtimeFirst && number <= realtimeLast ? number : undefined
}

/** `SIGTERM`; realtime ones as offsets from the first. */
export function signalName(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  if (name) return name
  return number >= realtimeFirst ? `SIGRTMIN+${number - realtimeFirst}` : String(number)
}
