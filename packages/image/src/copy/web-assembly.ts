/** Instructions of the WebAssembly core specification, by their mnemonics, as far as they are used here. */
export const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  select: [0x1b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  tee: (local: number) => [0x22, local],
  i32Load: (offset: number) => [0x28, 0, ...unsigned(offset)],
  i64Load: (offset: number) => [0x29, 0, ...unsigned(offset)],
  i32Load8: (offset: number) => [0x2d, 0, ...unsigned(offset)],
  i64Load8: (offset: number) => [0x31, 0, ...unsigned(offset)],
  i64Load32: (offset: number) => [0x35, 0, ...unsigned(offset)],
  i32Store: (offset: number) => [0x36, 0, ...unsigned(offset)],
  i64Store: (offset: number) => [0x37, 0, ...unsigned(offset)],
  i32Const: (value: number) => [0x41, ...signed(value)],
  i64Const: (value: number) => [0x42, ...signed(value)],
  i32Eqz: [0x45],
  i32GtU: [0x4b],
  i32Add: [0x6a],
  i32And: [0x71],
  i32Shl: [0x74],
  i32ShrU: [0x76],
  i64Add: [0x7c],
  i64And: [0x83],
  i64Or: [0x84],
  i64Shl: [0x86],
  i64ShrU: [0x88],
  wrap: [0xa7],
  extend: [0xad],
} as const

export const [i32, i64] = [0x7f, 0x7e]

function unsigned(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  const done = (rest === 0 && !(low & 0x40)) || (rest === -1 && (low & 0x40) !== 0)
  return done ? [low] : [low | 0x80, ...signed(rest)]
}

/** An exported function, whose parameters and result are 32 bits wide. */
export interface Code {
  readonly name: string
  readonly parameters: number
  readonly results: 0 | 1
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[]
  readonly body: readonly (readonly number[])[]
}

/** A module with these functions and a memory of so many bytes that never grows. */
export function moduleBytes(codes: readonly Code[], memory: number): Uint8Array {
  const pages = unsigned(Math.ceil(memory / 65536))
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, codes.map(typeOf)),
    ...section(
      3,
      codes.map((_, index) => [index]),
    ),
    ...section(5, [[1, ...pages, ...pages]]),
    ...section(7, [[...named('memory'), 2, 0], ...codes.map(({ name }, index) => [...named(name), 0, index])]),
    ...section(10, codes.map(sized)),
  ])
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const bytes = [...unsigned(entries.length), ...entries.flat()]
  return [id, ...unsigned(bytes.length), ...bytes]
}

const typeOf = ({ parameters, results }: Code): number[] => [
  ...[0x60, parameters, ...Array<number>(parameters).fill(i32)],
  ...[results, ...Array<number>(results).fill(i32)],
]

const named = (text: string): number[] => [text.length, ...Buffer.from(text)]

function sized({ locals, body }: Code): number[] {
  const bytes = [locals.length, ...locals.flatMap(type => [1, type]), ...body.flat(), ...op.end]
  return [...unsigned(bytes.length), ...bytes]
}

/** The types are the DOM's, the thing itself is Node's too. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: unknown }
  }
}

const { WebAssembly } = globalThis as unknown as WithWebAssembly

export const compileModule = (bytes: Uint8Array): object => new WebAssembly.Module(bytes)

/** What an instance of its own exports, whose types the caller knows. */
export const instantiate = (module: object): unknown => new WebAssembly.Instance(module).exports
