import type { BigIntStats } from 'node:fs'
import { lgetxattr } from '@libpod/syscall'
import { Beneath } from '../rooted/beneath.ts'
import type { ByteString } from '../tar/bytes.ts'

const O_PATH = 0o10000000

export const isWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n

/** What a stack of diff directories, nearest first, shows at a path. */
export class LowerView implements Disposable {
  readonly #layers: readonly Beneath[]
  readonly #opaque: string

  constructor(directories: readonly string[], opaqueAttribute: string) {
    this.#layers = directories.map(path => new Beneath(path))
    this.#opaque = opaqueAttribute
  }

  stat(path: ByteString): BigIntStats | undefined {
    for (const layer of this.#layers) {
      const found = layer.stat(path)
      if (found) return isWhiteout(found) ? undefined : found
      if (this.#hides(layer, path)) return undefined
    }
    return undefined
  }

  /** Whether a directory on the way is opaque, deleted, or no directory in this layer. */
  #hides(layer: Beneath, path: ByteString): boolean {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const ancestor = path.slice(0, slash)
      const stat = layer.stat(ancestor)
      if (stat === undefined) return false
      if (!stat.isDirectory()) return true
      if (layer.open(ancestor, O_PATH, fd => lgetxattr(`/proc/self/fd/${fd}/.`, this.#opaque))) return true
    }
    return false
  }

  [Symbol.dispose](): void {
    for (const layer of this.#layers) layer[Symbol.dispose]()
  }
}
