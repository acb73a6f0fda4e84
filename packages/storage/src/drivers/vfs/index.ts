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
  readonly imageHome: string
  readonly otherHomes: readonly string[]
  readonly userNamespace: 'yes' | 'no'
}

/** Every layer is a whole directory: its parent copied, then changed. Slow and large, but it needs nothing of the kernel. */
export class VfsDriver implements Driver {
  readonly name = 'vfs'
  readonly home: string
  readonly imageHome: string
  readonly staging: string
  readonly can = { idmap: false, nativeDiff: false }
  readonly opaqueAttribute: string
  readonly whiteoutFiles = 'no'
  readonly #homes: readonly string[]

  constructor(options: VfsOptions) {
    this.home = options.home
    this.imageHome = options.imageHome
    this.staging = join(options.imageHome, 'tempdirs')
    this.opaqueAttribute = options.userNamespace === 'yes' ? 'user.overlay.opaque' : 'trusted.overlay.opaque'
    this.#homes = [...new Set([options.home, options.imageHome, ...options.otherHomes])]
  }

  has(id: LayerId): boolean {
    return [this.home, this.imageHome].some(home => existsSync(join(home, 'dir', id)))
  }

  create(id: LayerId, parent: LayerId | undefined): void {
    this.#create(this.home, id, parent)
  }

  #create(home: string, id: LayerId, parent: LayerId | undefined): void {
    const target = this.#clear(home, id)
    if (parent !== undefined) copyTree(this.diffPath(parent), target)
    else {
      mkdirSync(target, { mode: 0o755 })
      chmodSync(target, 0o755)
    }
  }

  adopt(id: LayerId, parent: LayerId | undefined, unpacked: string): void {
    if (parent === undefined) {
      mergeTree(unpacked, unpacked, this.opaqueAttribute)
      renameSync(unpacked, this.#clear(this.imageHome, id))
      return
    }
    this.#create(this.imageHome, id, parent)
    const target = this.diffPath(id)
    mergeTree(unpacked, target, this.opaqueAttribute)
    chmodSync(target, statSync(unpacked).mode & 0o7777)
    rmSync(unpacked, { recursive: true, force: true })
  }

  /** Its children are copies, and need nothing of it. */
  restore(id: LayerId, { parent }: { readonly parent: LayerId | undefined }, unpacked: string): void {
    this.adopt(id, parent, unpacked)
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
    const home = existsSync(join(this.imageHome, 'dir', id)) ? this.imageHome : this.home
    const path = join(home, 'dir', id)
    if (trash === undefined || home !== this.imageHome) removeTree(path)
    else if (existsSync(path)) renameSync(path, join(trash, id))
  }

  #clear(home: string, id: LayerId): string {
    const target = join(home, 'dir', id)
    mkdirSync(join(home, 'dir'), { recursive: true, mode: 0o700 })
    if (existsSync(target)) removeTree(target)
    return target
  }
}
