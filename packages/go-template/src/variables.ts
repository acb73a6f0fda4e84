/** The variables of a block, over those of the blocks around it; the parser has seen to it that all exist. */
export class Variables {
  readonly #outer: Variables | undefined
  readonly #own: Map<string, unknown>

  constructor(outer: Variables | undefined, own: Iterable<readonly [string, unknown]> = []) {
    this.#outer = outer
    this.#own = new Map(own)
  }

  get(name: string): unknown {
    return this.#own.has(name) ? this.#own.get(name) : this.#outer?.get(name)
  }

  declare(name: string, value: unknown): void {
    this.#own.set(name, value)
  }

  assign(name: string, value: unknown): void {
    if (this.#own.has(name) || !this.#outer) this.#own.set(name, value)
    else this.#outer.assign(name, value)
  }
}
