import type { Containers, LogOptions, LogRecord } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, int, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseInstant } from '../options/instant.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import type { Terminal } from '../terminal.ts'

const flags = {
  color: bool('Output the containers with different colors in the log.'),
  follow: bool('Follow log output.', { short: 'f' }),
  latest: latestFlag,
  names: bool('Output the container names in the log', { short: 'n' }),
  since: string('Show logs since TIMESTAMP'),
  tail: int('Output the specified number of LINES at the end of the logs.  Defaults to -1, which prints all lines', {
    default: -1,
  }),
  timestamps: bool('Output the timestamps in the log', { short: 't' }),
  until: string('Show logs until TIMESTAMP'),
}

export const command = defineCommand({
  summary: 'Fetch the logs of one or more containers',
  description: 'Prints what containers wrote to their standard output and error.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: [
    '{} ctrID',
    '{} --names ctrID1 ctrID2',
    '{} --color --names ctrID1 ctrID2',
    '{} --tail 2 mywebserver',
    '{} --follow=true --since 10m ctrID',
  ],
  flags,
  args: anyArguments,
  async run({ flags: values, args }, io, engine) {
    if (args.length > 0 && values.latest) throw new UsageError('--latest and containers cannot be used together')
    if (args.length === 0 && !values.latest) throw new UsageError('specify at least one container name or ID to log')
    const options = logOptions(values, io)
    const opened = await engine()
    const names = values.latest ? [await latestContainer(opened)] : args
    const sources = await Promise.all(
      names.map((name, at) => sourceOf(name, { containers: opened.containers, at, many: names.length > 1, values })),
    )
    await Promise.all(
      sources.map(source =>
        print(source, opened.containers.logs(source.id, options), { io, timestamps: values.timestamps }),
      ),
    )
    return 0
  },
})

type Values = FlagValues<typeof flags>

function logOptions(values: Values, io: Terminal): LogOptions & { signal?: AbortSignal } {
  return defined({
    follow: values.follow ? ('yes' as const) : undefined,
    since: values.since === undefined ? undefined : parseInstant(values.since, 'since'),
    until: values.until === undefined ? undefined : parseInstant(values.until, 'until'),
    tail: values.tail < 0 ? undefined : values.tail,
    signal: values.follow ? io.interrupted : undefined,
  })
}

interface Source {
  readonly id: string
  /** Stands before each line, blank included; only where there are several containers. */
  readonly prefix: string
  /** What switches the line's colour on and off. */
  readonly colour: { readonly on: string; readonly off: string }
}

/** Light grey, red, yellow, blue, magenta, cyan, green: the first container has the first. */
const colours = [37, 31, 33, 34, 35, 36, 32]
const plain = { on: '', off: '' }

async function sourceOf(
  name: string,
  about: { containers: Containers; at: number; many: boolean; values: Values },
): Promise<Source> {
  const { containers, at, many, values } = about
  const id = await containers.resolve(name)
  const colour = values.color ? { on: `\x1b[${colours[at % colours.length]}m`, off: '\x1b[0m' } : plain
  if (!many) return { id, prefix: '', colour }
  return { id, prefix: `${values.names ? await nameOf(containers, id) : id.slice(0, 12)} `, colour }
}

const nameOf = async (containers: Containers, id: string) => (await containers.inspect(id)).Name

/** Output is gathered up to this many bytes while more records are at hand. */
const enough = 64 * 1024

async function print(
  { prefix, colour }: Source,
  records: AsyncIterable<LogRecord>,
  { io, timestamps }: { io: Terminal; timestamps: boolean },
): Promise<void> {
  const pending = new Gathered(io)
  const end = Buffer.from(`${colour.off}\n`)
  const open = { stdout: false, stderr: false }
  for await (const { time, stream, kind, message } of records) {
    if (!open[stream]) pending.add(stream, Buffer.from(`${colour.on}${prefix}${timestamps ? `${time} ` : ''}`))
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
