import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import type { Failure, UnpackReport } from '../worker/messages.ts'
import { fill, finish, type Ring } from '../worker/ring.ts'

/** Owners of what was unpacked. */
export interface Owners {
  readonly uids: readonly number[]
  readonly gids: readonly number[]
}

/** Where another thread waits for a tar to unpack. */
export interface Elsewhere {
  readonly ring: Ring
  readonly port: MessagePort
}

/** Another thread that unpacks the tar whose bytes it is given. */
export class RemoteUnpacker {
  readonly #ring: Ring
  readonly #report: Promise<UnpackReport>

  constructor({ ring, port }: Elsewhere) {
    this.#ring = ring
    this.#report = once(port, 'message').then(([report]) => {
      port.close()
      return report as UnpackReport
    })
  }

  push(chunk: Uint8Array): void {
    fill(this.#ring, chunk)
  }

  /** Waits until all of it is unpacked. @throws StorageError as Unpacker */
  async end(): Promise<Owners> {
    finish(this.#ring, 'complete')
    const report = await this.#report
    if (report.kind === 'failed') throw failure(report)
    return report
  }

  /** Waits until the thread has let go. What went wrong there first, if it was the archive's fault; else `error`. */
  async stop(error: unknown): Promise<unknown> {
    finish(this.#ring, 'broken')
    const report = await this.#report
    return report.kind === 'failed' && report.code !== undefined ? failure(report) : error
  }
}

export function failure({ code, message, subject, hint }: Failure): StorageError {
  return new StorageError(code ?? 'IO', message, {
    ...(subject !== undefined && { subject }),
    ...(hint !== undefined && { hint }),
  })
}
