import { UsageError } from '../cli/usage-error.ts'

const exponents: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 }

/** Bytes of `64m`, `1.5g`, `10KiB`, `4096`; powers of 1024. Throws UsageError. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text)
  if (!match) throw new UsageError(`invalid size: '${text}'`)
  const [, amount = '', unit = ''] = match
  return Math.trunc(Number(amount) * 1024 ** (exponents[unit.toLowerCase()] ?? 0))
}
