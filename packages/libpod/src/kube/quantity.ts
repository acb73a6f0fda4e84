import { invalid } from './read.ts'

const powers: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A quantity as Kubernetes writes it: `100m`, `1.5`, `64Mi`, `1e3`. @throws LibpodError KUBE_INVALID */
export function parseQuantity(text: string, at: string): number {
  const [, digits, exponent = '', suffix = ''] =
    /^(\+?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([a-zA-Z]*))$/.exec(text) ?? []
  const power = Object.hasOwn(powers, suffix) ? powers[suffix] : undefined
  if (digits === undefined || power === undefined)
    throw invalid(at, `${JSON.stringify(text)} is not a quantity such as 500m or 64Mi`)
  return Number(`${digits}${exponent}`) * power
}

/** As parseQuantity, in whole units, rounded up. */
export const wholeQuantity = (text: string, at: string): number => Math.ceil(parseQuantity(text, at))

/** Bytes in the largest binary unit of which they are a whole number. */
export function formatBytes(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']
  let [value, unit] = [bytes, 0]
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value}${units[unit] ?? ''}`
}
