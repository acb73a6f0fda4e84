const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `12.3MB`: powers of 1000, up to `digits` significant digits (4 as go-units does). */
export const humanSize = (bytes: number, digits = 4) => scaled(bytes, { units: decimal, base: 1000, digits })

/** `11.7MiB`: powers of 1024. */
export const humanBinarySize = (bytes: number, digits = 4) => scaled(bytes, { units: binary, base: 1024, digits })

function scaled(
  bytes: number,
  { units, base, digits }: { units: readonly string[]; base: number; digits: number },
): string {
  let value = bytes
  let at = 0
  while (value >= base && at < units.length - 1) {
    value /= base
    at++
  }
  return `${Number(value.toPrecision(digits))}${units[at]}`
}

/** `1.99 MB`: as lists of images show it, with three digits. */
export const imageSize = (bytes: number) => humanSize(bytes, 3).replace(/(?=[A-Za-z])/, ' ')
