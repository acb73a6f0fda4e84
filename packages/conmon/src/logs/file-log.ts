import type { LogEntry } from './entry.ts'
import { type ReadOptions, readGrowing } from './follow.ts'
import { parseJsonLine } from './json-file.ts'
import { parseK8sLine } from './k8s-file.ts'
import { type Line, LineSplitter } from './lines.ts'

const openingBrace = 0x7b
const parseLine = (line: Buffer): LogEntry | undefined =>
  line[0] === openingBrace ? parseJsonLine(line) : parseK8sLine(line)

/** The entries of a log file, in conmon's format or in Docker's. Lines that are neither are passed over. */
export async function* readFileLog(path: string, options: ReadOptions): AsyncGenerator<LogEntry, void> {
  const splitter = new LineSplitter()
  const assembler = new PartAssembler()
  for await (const piece of readGrowing(path, options)) {
    if (piece === 'new file') splitter.clear()
    else
      for (const line of splitter.push(piece)) {
        const entry = assembler.entry(line)
        if (entry) yield entry
      }
  }
}

/** The parts of one endless line become partial entries. */
class PartAssembler {
  #begun: LogEntry | undefined

  entry(line: Line): LogEntry | undefined {
    const begun = this.#begun
    const entry = begun ? { ...begun, message: line.bytes } : parseLine(line.bytes)
    this.#begun = line.cut ? entry : undefined
    return line.cut && entry ? { ...entry, partial: true } : entry
  }
}
