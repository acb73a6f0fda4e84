import { type Digest, isDigest } from '../digest.ts'
import { ImageError, type ImageErrorCode } from '../errors.ts'
import type { Json, JsonObject } from './parse.ts'

/** A value with the path that leads to it, read by saying what it must be; a wrong kind is an error naming the path. */
export class Reader {
  readonly value: Json | undefined
  readonly path: string
  readonly code: ImageErrorCode

  constructor(value: Json | undefined, path: string, code: ImageErrorCode = 'MANIFEST_INVALID') {
    this.value = value
    this.path = path
    this.code = code
  }

  fail(expected: string): never {
    throw new ImageError(this.code, `${this.path} must be ${expected}`, { subject: this.path })
  }

  /** Neither missing nor null. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null
  }

  get(key: string): Reader {
    return new Reader(this.object().get(key), `${this.path}.${key}`, this.code)
  }

  object(): JsonObject {
    return isObject(this.value) ? this.value : this.fail('an object')
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.fail('a string')
  }

  /** A string, or `fallback` when absent. */
  stringOr<T>(fallback: T): string | T {
    return this.present ? this.string() : fallback
  }

  integer(): number {
    const { value } = this
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.fail('an integer')
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.fail('true or false')
  }

  digest(): Digest {
    const { value } = this
    return isDigest(value) ? value : this.fail('a digest such as sha256:<64 lower-case hex digits>')
  }

  /** The items of an array; absent and null are empty, as Go reads them. */
  items(): Reader[] {
    if (!this.present) return []
    if (!Array.isArray(this.value)) return this.fail('an array')
    return this.value.map((item: Json, index) => new Reader(item, `${this.path}[${index}]`, this.code))
  }

  strings(): string[] {
    return this.items().map(item => item.string())
  }

  /** String values by key, on a null prototype; undefined when absent. */
  stringMap(): Readonly<Record<string, string>> | undefined {
    if (!this.present) return undefined
    const result: Record<string, string> = Object.create(null)
    for (const key of this.object().keys()) result[key] = this.get(key).string()
    return result
  }

  /** Refuses keys outside `known`. */
  only(known: readonly string[]): this {
    for (const key of this.object().keys()) {
      if (!known.includes(key)) throw new ImageError(this.code, `${this.path}: unknown key ${JSON.stringify(key)}`)
    }
    return this
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map
}
