import type { BigIntStats } from 'node:fs'
import { isOpaque } from '../drivers/overlay/opaque.ts'
import { Beneath } from '../rooted/beneath.ts'
import type { ByteString } from '../tar/bytes.ts'
import { opaqueName, whiteoutPrefix } from '../tar/whiteout.ts'

const O_PATH = 0o10000000

export const isWhiteout = (stat: BigIntStats): boolean => stat.isCharacterDevice() && stat.rdev === 0n

/** What a stack of diff directories, nearest first, shows at a path. */
export class LowerView implements Disposable {
  readonly #layers: readonly Beneath[]
  readonly whiteoutFiles: 'yes' | 'no'

  constructor(directories: readonly string[], whiteoutFiles: 'yes' | 'no') {
    this.#layers = directories.map(path => new Beneath(path))
    this.whiteoutFiles = whiteoutFiles
  }

  stat(path: ByteString): BigIntStats | undefined {
    for (const layer of this.#layers) {
      const found = layer.stat(path)
      if (found) return isWhiteout(found) ? undefined : found
      if (this.#hides(layer, path)) return undefined
      if (this.whiteoutFiles === 'yes' && deletesByFile(layer, path)) return undefined
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
      if (layer.open(ancestor, O_PATH, fd => isOpaque(`/proc/self/fd/${fd}/.`))) return true
      if (this.whiteoutFiles === 'yes' && layer.stat(`${ancestor}/${opaqueName}`)) return true
    }
    return false
  }

  [Symbol.dispose](): void {
    for (const layer of this.#layers) layer[Symbol.dispose]()
  }
}

/** Whether the layer has a `.wh.` file for the path or for a directory on the way. */
function deletesByFile(layer: Beneath, path: ByteString): boolean {
  const parts = path.split('/')
  return parts.some((part, at) => {
    const directory = parts.slice(0, at).join('/')
    return layer.stat(`${directory === '' ? '' : `${directory}/`}${whiteoutPrefix}${part}`) !== undefined
  })
}
