import { closeSync, openSync, writeSync } from 'node:fs'
import { gzipMember } from './gzip-member.ts'
import { TarSplitLines } from './tar-split.ts'

const linesAtOnce = 256 * 1024

/** A tar-split record on its way to its file, in gzip members of a few hundred kilobytes: readers of gzip take one after the other. */
export class TarSplitFile implements Disposable {
  readonly lines = new TarSplitLines()
  readonly #fd: number

  constructor(path: string) {
    this.#fd = openSync(path, 'wx', 0o600)
  }

  /** Writes what has gathered, when it is worth it. */
  flush(): void {
    if (this.lines.length >= linesAtOnce) this.#write()
  }

  end(): void {
    this.lines.end()
    this.#write()
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }

  #write(): void {
    const member = gzipMember(this.lines.take())
    for (let at = 0; at < member.length; ) at += writeSync(this.#fd, member, at)
  }
}
