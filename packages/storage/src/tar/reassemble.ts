import type { Digest } from '../digest.ts'
import { StorageError } from '../errors.ts'
import { type BlockUse, blockLength } from './blocks.ts'
import { fromBytes } from './bytes.ts'
import { type Checks, OriginalFiles } from './original-files.ts'
import { parseLines, type RecordLine, recordLines } from './record-lines.ts'
import { verified } from './verified.ts'

/** What a layer's tar is put together from. */
export interface Original {
  readonly record: string
  /** Where the files are looked for, in order. */
  readonly directories: readonly string[]
  /** What it must come to; otherwise each file is checked. */
  readonly digest?: Digest | undefined
}

/**
 * The original tar out of its record and the files.
 * @throws StorageError LAYER_DAMAGED when a file is missing or has changed, or the record is broken
 */
export async function* reassemble(original: Original, use: BlockUse = 'kept'): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(blockLength)
  for (const piece of reassembleInto(original, () => block)) {
    yield piece
    if (use === 'kept') block = Buffer.allocUnsafeSlow(blockLength)
  }
}

/** The same in one go: each piece lies in the block that was given, and the next one is asked for when the reader goes on. */
export function* reassembleInto(original: Original, nextBlock: () => Buffer): Generator<Buffer> {
  const { digest } = original
  if (digest === undefined) return yield* fill(original, nextBlock, 'checksums')
  yield* verified(fill(original, nextBlock, 'none'), digest, () => blame(original))
}

/** Reads it once more for the file that has changed. @throws StorageError LAYER_DAMAGED */
function blame(original: Original): void {
  const block = Buffer.allocUnsafeSlow(blockLength)
  for (const _ of fill(original, () => block, 'checksums'));
}

function* fill({ record, directories }: Original, nextBlock: () => Buffer, checks: Checks): Generator<Buffer> {
  using files = new OriginalFiles(directories, checks)
  const filling = new Filling(nextBlock)
  for (const texts of recordLines(record)) {
    for (const line of linesOf(texts, record)) {
      if (line === undefined) continue
      if (line.kind === 'structure') yield* filling.structure(line.base64)
      else yield* filling.file(files, line)
    }
  }
  yield* filling.end()
}

function* linesOf(texts: Buffer, record: string): Generator<RecordLine> {
  const lines = parseLines(texts)
  for (;;) {
    const line = nextLine(lines, record)
    if (line.done === true) return
    yield line.value
  }
}

function nextLine(lines: Generator<RecordLine>, record: string): IteratorResult<RecordLine> {
  try {
    return lines.next()
  } catch (cause) {
    throw new StorageError('LAYER_DAMAGED', `${record} is not a tar-split record`, { subject: record, cause })
  }
}

type FileLine = Extract<RecordLine, { kind: 'file' }>

const nameOf = ({ name, rawName }: FileLine): string =>
  fromBytes(rawName === undefined ? Buffer.from(name) : Buffer.from(rawName, 'base64'))

const nothing: readonly Buffer[] = []

/** Blocks that are written into where they are; each method gives those that it fills. */
class Filling {
  readonly #nextBlock: () => Buffer
  #block: Buffer
  #filled = 0

  constructor(nextBlock: () => Buffer) {
    this.#nextBlock = nextBlock
    this.#block = nextBlock()
  }

  structure(base64: string): Iterable<Buffer> {
    if (0.75 * base64.length > this.#block.length - this.#filled) return this.#copy(Buffer.from(base64, 'base64'))
    this.#filled += this.#block.write(base64, this.#filled, 'base64')
    return nothing
  }

  *#copy(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#block, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === this.#block.length) yield* this.#take()
    }
  }

  *file(files: OriginalFiles, line: FileLine): Generator<Buffer> {
    using file = files.open({ ...line, name: nameOf(line) })
    while (file.left > 0) {
      if (this.#filled === this.#block.length) yield* this.#take()
      this.#filled += file.read(this.#block, this.#filled)
    }
  }

  *#take(): Generator<Buffer> {
    yield this.#block.subarray(0, this.#filled)
    this.#block = this.#nextBlock()
    this.#filled = 0
  }

  *end(): Generator<Buffer> {
    if (this.#filled > 0) yield this.#block.subarray(0, this.#filled)
  }
}
