import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bytes } from '../call.ts'
import { type Digest, digestAlgorithm, digestOfHash } from '../digest.ts'
import { makeDirectory } from './make-directory.ts'
import { sweepAbandoned } from './sweep-abandoned.ts'

let counter = 0

/** Writes blobs into a directory under names made from their digests, and can take back what it wrote. */
export class BlobWriter {
  readonly #directory: string
  readonly #nameOf: (digest: Digest) => string
  readonly #written = new Set<string>()
  #swept: Promise<void> | undefined

  constructor(directory: string, nameOf: (digest: Digest) => string) {
    this.#directory = directory
    this.#nameOf = nameOf
  }

  /** Stores bytes; the digest is computed when it is not known. */
  async write(bytes: Bytes, known?: Digest): Promise<{ readonly digest: Digest; readonly size: number }> {
    const temporary = join(this.#directory, `.tmp-${process.pid}-${counter++}`)
    await makeDirectory(dirname(temporary))
    this.#swept ??= sweepAbandoned(this.#directory)
    await this.#swept
    try {
      const { digest, size } = await spool(temporary, bytes, known)
      const path = join(this.#directory, this.#nameOf(digest))
      await makeDirectory(dirname(path))
      await rename(temporary, path)
      this.#written.add(path)
      return { digest, size }
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** Forgets what was written: it is there to stay. */
  keep(): void {
    this.#written.clear()
  }

  /** Removes what was written since. */
  async undo(): Promise<void> {
    for (const path of this.#written) await rm(path, { force: true })
    this.#written.clear()
  }
}

async function spool(path: string, bytes: Bytes, known?: Digest): Promise<{ digest: Digest; size: number }> {
  const algorithm = known === undefined ? 'sha256' : digestAlgorithm(known)
  const hash = known === undefined ? createHash(algorithm) : undefined
  const handle = await open(path, 'wx', 0o644)
  let size = 0
  try {
    for await (const chunk of bytes) {
      hash?.update(chunk)
      await handle.writeFile(chunk)
      size += chunk.length
    }
  } finally {
    await handle.close()
  }
  if (known !== undefined) return { digest: known, size }
  if (hash === undefined) throw new TypeError('no hash')
  return { digest: digestOfHash(hash, algorithm), size }
}
