import type { PullEvent } from '@libpod/libpod'
import type { Terminal } from '../terminal.ts'
import { humanSize } from './size.ts'
import { goDuration } from './stats.ts'

/** What `report` writes to standard error about a pull, push or load: bars that move on a terminal, plain lines elsewhere. */
export interface Progress extends Disposable {
  readonly report: (event: PullEvent) => void
}

/** `quiet` writes nothing. `verb` is what the first line says is tried. */
export function showProgress(io: Terminal, how: 'shown' | 'quiet' = 'shown'): Progress {
  const shown = how === 'quiet' ? silence : io.isTerminal('stderr') ? bars(io) : lines(io)
  // What the user may have to wait for is told even then.
  const report = (event: PullEvent) => {
    if (event.type === 'retry') io.warn(retryText(event))
    else if (event.type === 'warning') io.warn(event.message)
    else shown.report(event)
  }
  return { report, [Symbol.dispose]: () => shown[Symbol.dispose]() }
}

const silence: Progress = { report: () => undefined, [Symbol.dispose]: () => undefined }

const retryText = ({ delayMs, attempt, of, error }: Extract<PullEvent, { type: 'retry' }>): string =>
  `Failed, retrying in ${goDuration(delayMs * 1e6)} ... (${attempt}/${of}). Error: ${error}`

/** The words of one event as a line; undefined for events that lines do not show. */
function lineOf(event: PullEvent): string | undefined {
  switch (event.type) {
    case 'short-name':
      return event.by === 'alias'
        ? `Resolved ${JSON.stringify(event.name)} as an alias (${event.file})`
        : `Resolving ${JSON.stringify(event.name)} using unqualified-search registries (${event.file})`
    case 'source':
      return `Trying to pull ${event.reference.replace(/^docker:\/\//, '')}...`
    case 'blob-start':
      return `Copying ${nameOf(event)}`
    case 'blob-reused':
      return `Copying ${nameOf(event)}`
    case 'instance':
      return instanceText(event)
    case 'manifest':
      return event.of === 'image'
        ? 'Writing manifest to image destination'
        : 'Writing manifest list to image destination\nStoring list signatures'
    case 'signatures':
      return event.count > 0 ? 'Storing signatures' : undefined
    default:
      return undefined
  }
}

function instanceText({ how, digest, position, total, listed }: Extract<PullEvent, { type: 'instance' }>): string {
  const first = ['Getting image list signatures', `Copying ${total} images generated from ${listed} images in list`]
  const line = `${how === 'copied' ? 'Copying' : 'Replicating'} image ${digest} (${position}/${total})`
  return [...(position === 1 ? first : []), line].join('\n')
}

type BlobEvent = Extract<PullEvent, { digest: string; kind: string }>

/** What is imported has no digest before all of it was read. */
const nameOf = ({ kind, digest }: BlobEvent) =>
  `${kind === 'config' ? 'config' : 'blob'} ${digest === 'sha256:' ? '' : digest}`.trimEnd()
const shortNameOf = ({ kind, digest }: BlobEvent) =>
  `${kind === 'config' ? 'config' : 'blob'} ${digest.replace(/^\w+:/, '').slice(0, 12)}`

function lines(io: Terminal): Progress {
  const sources = new Set<string>()
  let signaturesSaid = false
  const report = (event: PullEvent) => {
    const source = event.type === 'source' ? event.reference : event.type === 'short-name' ? event.name : undefined
    if (source !== undefined && sources.size === sources.add(source).size) return
    if (event.type === 'instance') signaturesSaid = false
    if (event.type.startsWith('blob-') && !signaturesSaid) {
      signaturesSaid = true
      io.err('Getting image source signatures\n')
    }
    const line = lineOf(event)
    if (line !== undefined) io.err(`${line}\n`)
  }
  return { report, [Symbol.dispose]: () => undefined }
}

interface Bar {
  text: string
}

/** A line for each blob, redrawn in place at most ten times a second. */
function bars(io: Terminal): Progress {
  const blobs = new Map<string, Bar>()
  let drawn = 0
  let last = 0
  const draw = () => {
    last = Date.now()
    const width = io.size()?.columns || 80
    const up = drawn > 0 ? `\x1b[${drawn}A` : ''
    drawn = blobs.size
    io.err(`${up}${[...blobs.values()].map(bar => `\x1b[2K${bar.text.slice(0, width - 1)}\n`).join('')}`)
  }
  const report = (event: PullEvent) => {
    if ('kind' in event) {
      blobs.set(event.digest, { text: barText(event) })
      if (event.type !== 'blob-progress' || Date.now() - last > 100) draw()
      return
    }
    const line = lineOf(event)
    if (line === undefined) return
    if (drawn > 0) draw()
    blobs.clear()
    drawn = 0
    io.err(`${line}\n`)
  }
  return { report, [Symbol.dispose]: () => (drawn > 0 ? draw() : undefined) }
}

function skippedText({ reused, fetched }: Extract<PullEvent, { type: 'blob-parts' }>): string {
  const share = (100 * reused) / Math.max(1, reused + fetched)
  return `(skipped: ${humanSize(reused)} = ${share.toFixed(2)}%)`
}

const barWidth = 30

function barText(event: BlobEvent): string {
  const name = `Copying ${shortNameOf(event)}`
  if (event.type === 'blob-done') return `${name} done   |`
  if (event.type === 'blob-reused') return `${name} skipped: already exists`
  if (event.type === 'blob-parts') return `${name} done   | ${skippedText(event)}`
  const transferred = event.type === 'blob-progress' ? event.transferred : 0
  const share = event.size > 0 ? Math.min(1, transferred / event.size) : 0
  const filled = Math.round(share * barWidth)
  const bar = `${'='.repeat(Math.max(0, filled - 1))}${filled > 0 ? '>' : ''}`.padEnd(barWidth, '-')
  return `${name} [${bar}] ${humanSize(transferred)} / ${humanSize(event.size)}`
}
