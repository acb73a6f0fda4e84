import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../../errors.ts'
import type { LayerId, MountLayerOptions } from '../../layers/layers.ts'
import { removeTree } from '../../rooted/remove.ts'
import type { Driver } from '../driver.ts'
import { copyTree } from './copy-tree.ts'
import { mergeTree } from './merge-tree.ts'

export interface VfsOptions {
  readonly home: string
  readonly otherHomes: readonly string[]
  readonly userNamespace: 'yes' | 'no'
}

/** Every layer is a whole directory: its parent copied, then changed. Slow and large, but it needs nothing of the kernel. */
export class VfsDriver implements Driver {
  readonly name = 'vfs'
  readonly home: string
  readonly staging: string
  readonly can = { idmap: false, nativeDiff: false }
  readonly opaqueAttribute: string
  readonly whiteoutFiles = 'no'
  readonly #homes: readonly string[]

  constructor(options: VfsOptions) {
    this.home = options.home
    this.staging = join(options.home, 'tempdirs')
    this.opaqueAttribute = options.userNamespace === 'yes' ? 'user.overlay.opaque' : 'trusted.overlay.opaque'
    this.#homes = [options.home, ...options.otherHomes]
  }

  has(id: LayerId): boolean {
    return existsSync(join(this.home, 'dir', id))
  }

  create(id: LayerId, parent: LayerId | undefined): void {
    const target = this.#clear(id)
    if (parent !== undefined) copyTree(this.diffPath(parent), target)
    else {
      mkdirSync(target, { mode: 0o755 })
      chmodSync(target, 0o755)
    }
  }

  adopt(id: LayerId, parent: LayerId | undefined, unpacked: string): void {
    if (parent === undefined) {
      mergeTree(unpacked, unpacked, this.opaqueAttribute)
      renameSync(unpacked, this.#clear(id))
      return
    }
    this.create(id, parent)
    const target = this.diffPath(id)
    mergeTree(unpacked, target, this.opaqueAttribute)
    chmodSync(target, statSync(unpacked).mode & 0o7777)
    rmSync(unpacked, { recursive: true, force: true })
  }

  diffPath(id: LayerId): string {
    const home = this.#homes.find(each => existsSync(join(each, 'dir', id)))
    if (home !== undefined) return join(home, 'dir', id)
    throw new StorageError('LAYER_DAMAGED', `the files of layer ${id} are missing`, { subject: id })
  }

  lowerPaths(_id: LayerId): readonly string[] {
    return []
  }

  mountPoint(id: LayerId): string {
    return this.diffPath(id)
  }

  isMounted(id: LayerId): boolean {
    return this.has(id)
  }

  mount(id: LayerId, _options: MountLayerOptions): string {
    return this.diffPath(id)
  }

  unmount(_id: LayerId): void {}

  retire(id: LayerId, trash: string | undefined): void {
    const path = join(this.home, 'dir', id)
    if (trash === undefined) removeTree(path)
    else if (existsSync(path)) renameSync(path, join(trash, id))
  }

  #clear(id: LayerId): string {
    const target = join(this.home, 'dir', id)
    mkdirSync(join(this.home, 'dir'), { recursive: true, mode: 0o700 })
    if (existsSync(target)) removeTree(target)
    return target
  }
}
