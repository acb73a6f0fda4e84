import { UsageError } from '../cli/usage-error.ts'

const exponents: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 }

/** Bytes of `64m`, `1.5g`, `10KiB`, `4096`; powers of 1024. Throws UsageError. */
export const parseSize = (text: string): number => amount(text, 1024)

/** The same with powers of 1000, as for the size of logs. */
export const parseDecimalSize = (text: string): number => amount(text, 1000)

function amount(text: string, step: number): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text)
  if (!match) throw new UsageError(`invalid size: '${text}'`)
  const [, digits = '', unit = ''] = match
  return Math.trunc(Number(digits) * step ** (exponents[unit.toLowerCase()] ?? 0))
}
