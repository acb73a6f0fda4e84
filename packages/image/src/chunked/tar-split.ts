import { digestOf } from '../digest.ts'
import type { SkippableData } from './footer.ts'
import type { Frames } from './frames.ts'

/** Text is compressed when so many characters have gathered. */
const pieceSize = 1024 * 1024

/** A long text as zstd frames, one after another. */
export class PackedText {
  readonly #frames: Pick<Frames, 'compress'>
  readonly #packed: Buffer[] = []
  #gathered: string[] = []
  #length = 0
  #size = 0

  constructor(frames: Pick<Frames, 'compress'>) {
    this.#frames = frames
  }

  async add(text: string): Promise<void> {
    this.#gathered.push(text)
    this.#length += text.length
    if (this.#length >= pieceSize) await this.#pack()
  }

  async #pack(): Promise<void> {
    const bytes = Buffer.from(this.#gathered.join(''))
    this.#gathered = []
    this.#length = 0
    this.#size += bytes.length
    this.#packed.push(await this.#frames.compress(bytes))
  }

  async end(): Promise<SkippableData> {
    await this.#pack()
    const bytes = Buffer.concat(this.#packed)
    return { bytes, size: this.#size, digest: digestOf(bytes) }
  }
}

/** The tar-split record of a tar (vbatts/tar-split, tar/storage): all of it but the files' data. */
export class TarSplitRecord {
  readonly #text: PackedText
  #position = 0

  constructor(frames: Frames) {
    this.#text = new PackedText(frames)
  }

  structure(bytes: Buffer): Promise<void> {
    return this.#line({ type: 2, payload: bytes.toString('base64') })
  }

  /** After a member's data; `checksum` only when it had any. */
  member(name: string, size: number, checksum: Buffer | undefined): Promise<void> {
    const told = checksum === undefined ? { payload: null } : { size, payload: checksum.toString('base64') }
    return this.#line({ type: 1, ...(name !== '' && { name }), ...told })
  }

  #line(entry: object): Promise<void> {
    return this.#text.add(`${JSON.stringify({ ...entry, position: this.#position++ })}\n`)
  }

  end(): Promise<SkippableData> {
    return this.#text.end()
  }
}
