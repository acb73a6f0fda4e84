/** So many may be at something at once; the others wait for their turn, in order. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** Disposed when the turn is over. Rejects with the signal's reason when that comes first. */
  async take(signal: AbortSignal | undefined): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#free === 0) await this.#wait(signal)
    else this.#free--
    return { [Symbol.dispose]: () => this.#pass() }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(begin), 1)
      reject(signal?.reason)
    }
    const begin = (): void => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    this.#waiting.push(begin)
    signal?.addEventListener('abort', abort)
    return promise
  }

  /** A turn that is over is the next one's. */
  #pass(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
