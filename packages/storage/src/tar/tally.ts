import { createHash } from 'node:crypto'
import { type Digest, parseDigest } from '../digest.ts'

/** Counts and hashes what passes. */
export class Tally {
  readonly #hash = createHash('sha256')
  #size = 0

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk)
    this.#size += chunk.length
  }

  /** Ends it. */
  end(): { readonly digest: Digest; readonly size: number } {
    return { digest: parseDigest(`sha256:${this.#hash.digest('hex')}`), size: this.#size }
  }
}
