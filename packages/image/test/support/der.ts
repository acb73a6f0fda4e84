// Distinguished encoding (X.690).

export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), content])
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts)
export const utf8 = (text: string): Uint8Array => element(0x0c, Buffer.from(text))
export const integer = (value: number): Uint8Array =>
  element(0x02, Buffer.of(value >> 8, value & 0xff).subarray(value < 0x80 ? 1 : 0))
export const bits = (content: Uint8Array): Uint8Array => element(0x03, Buffer.of(0), content)
export const name = (text: string): Uint8Array => sequence(element(0x31, sequence(oid('2.5.4.3'), utf8(text))))

export function time(at: Date): Uint8Array {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050 ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text))
}

export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  return value < 0x80 ? [value] : [...base128(value >> 7).map(digit => digit | 0x80), value & 0x7f]
}
