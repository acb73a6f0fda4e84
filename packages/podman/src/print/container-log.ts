import type { LogRecord } from '@libpod/libpod'
import type { LogView } from '../options/log-view.ts'
import type { Terminal } from '../terminal.ts'

/** A container whose log is printed. */
export interface LogSource {
  readonly id: string
  readonly name: string
  readonly records: AsyncIterable<LogRecord>
}

/** The logs of containers as they come, each line with whose it is when there are several. */
export async function printLogs(
  sources: readonly LogSource[],
  view: Pick<LogView, 'color' | 'names' | 'timestamps'>,
  io: Terminal,
): Promise<void> {
  await Promise.all(
    sources.map(({ id, name, records }, at) => {
      const owner = sources.length > 1 ? `${view.names ? name : id.slice(0, 12)} ` : ''
      return print(records, { io, owner, timestamps: view.timestamps, ...(view.color ? painted(at) : plain) })
    }),
  )
}

interface Style {
  readonly io: Terminal
  /** Stands before each line, blank included. */
  readonly owner: string
  readonly timestamps: boolean
  /** What switches the line's colour on and off. */
  readonly on: string
  readonly off: string
}

/** Light grey, red, yellow, blue, magenta, cyan, green: the first container has the first. */
const colours = [37, 31, 33, 34, 35, 36, 32]
const plain = { on: '', off: '' }
const painted = (at: number) => ({ on: `\x1b[${colours[at % colours.length]}m`, off: '\x1b[0m' })

/** Output is gathered up to this many bytes while more records are at hand. */
const enough = 64 * 1024

async function print(records: AsyncIterable<LogRecord>, { io, owner, timestamps, on, off }: Style): Promise<void> {
  const pending = new Gathered(io)
  const end = Buffer.from(`${off}\n`)
  const open = { stdout: false, stderr: false }
  for await (const { time, stream, kind, message } of records) {
    if (!open[stream]) pending.add(stream, Buffer.from(`${on}${owner}${timestamps ? `${time} ` : ''}`))
    pending.add(stream, message)
    if (kind === 'line') pending.add(stream, end)
    open[stream] = kind === 'partial'
  }
  pending.flush()
}
/** Joins many small writes of one stream; flushed when the stream changes, when it is large, and before waiting for more. */
class Gathered {
  readonly #io: Terminal
  #stream: 'stdout' | 'stderr' = 'stdout'
  #chunks: Buffer[] = []
  #size = 0
  #scheduled = false

  constructor(io: Terminal) {
    this.#io = io
  }

  add(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (bytes.length === 0) return
    if (stream !== this.#stream || this.#size > enough) this.flush()
    this.#stream = stream
    this.#chunks.push(bytes)
    this.#size += bytes.length
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#scheduled = false
    if (this.#chunks.length === 0) return
    const bytes = Buffer.concat(this.#chunks, this.#size)
    this.#chunks = []
    this.#size = 0
    if (this.#stream === 'stdout') this.#io.out(bytes)
    else this.#io.err(bytes)
  }
}
