import { constants } from 'node:os'
import { UsageError } from '../cli/usage-error.ts'

const realTime = /^RTM(?:IN(?:\+(\d+))?|AX(?:-(\d+))?)$/

/** A signal by number or name, with or without SIG and a dash before, in any case; as the engine takes it (`TERM`, `9`, `RTMIN+3`). Throws UsageError. */
export function checkSignal(text: string): string {
  const bare = text.replace(/^-/, '')
  const name = bare.toUpperCase().replace(/^SIG/, '')
  if (/^\d+$/.test(name) && Number(name) > 64) throw new UsageError('valid signals are 1 through 64')
  if (/^\d+$/.test(name) && Number(name) >= 1) return String(Number(name))
  if (Object.hasOwn(constants.signals, `SIG${name}`)) return name
  const offset = realTime.exec(name)
  if (offset && Number(offset[1] ?? offset[2] ?? 0) <= 30) return name
  throw new UsageError(`invalid signal: ${bare}`)
}
