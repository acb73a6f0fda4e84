import { chmodSync, chownSync, existsSync, mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MNT_DETACH, MS_BIND, MS_PRIVATE, mount, umount } from '@libpod/syscall'
import { fuseOverlay, hasUserOverlay } from '../../config/rootless-driver.ts'
import { StorageError } from '../../errors.ts'
import type { LayerId, MountLayerOptions } from '../../layers/layers.ts'
import { removeTree } from '../../rooted/remove.ts'
import { mountInThread } from '../../worker/spawn.ts'
import type { Driver, Place } from '../driver.ts'
import { isMountPoint } from '../mount-table.ts'
import type { DriverSettings } from '../settings.ts'
import { type MappedLayers, mapLowers } from './mapped-lowers.ts'
import { type OverlayLayers, overlayData, partWords } from './mount-options.ts'
import { mountByProgram } from './mount-program.ts'
import { moveWithin } from './move-within.ts'
import { isLinked, linkBelow, lowerOf, makeLink, randomLink, readText, resolveLower, splitLower } from './short-link.ts'

/** More lower layers than the format allows (the kernel's own limit). */
const deepest = 500
/** What fits a mount(2) option page with its NUL. */
const longestData = 4095

/** What storage.conf says about this driver. */
export interface OverlayOptions {
  readonly home: string
  readonly imageHome: string
  /** Homes of other stores to find lower layers in. */
  readonly otherHomes: readonly string[]
  /** Mount points of layers that live in other stores. */
  readonly runHome: string
  /** Words of `mountopt`. */
  readonly mountOptions: readonly string[]
  readonly skipMountHome: 'yes' | 'no'
  /** Mounts instead of the kernel: fuse-overlayfs. */
  readonly mountProgram: string | undefined
  /** Whether this process lives in a user namespace: attributes are then `user.overlay.*`. */
  readonly userNamespace: 'yes' | 'no'
}

export function overlayOptions(settings: DriverSettings): OverlayOptions {
  return {
    ...settings,
    mountOptions: (settings.options.get('mountopt') ?? '').split(',').filter(Boolean),
    skipMountHome: settings.options.get('skip_mount_home') === 'true' ? 'yes' : 'no',
    mountProgram: settings.options.get('mount_program') || programInstead(settings),
  }
}

/** Where the kernel's overlayfs is not for user namespaces, fuse-overlayfs takes its place. */
function programInstead({ userNamespace }: DriverSettings): string | undefined {
  return userNamespace === 'yes' && !hasUserOverlay() ? fuseOverlay(process.env) : undefined
}

/** The kernel's overlayfs: a directory of its own per layer, stacked at mount time. */
export class OverlayDriver implements Driver {
  readonly name = 'overlay'
  readonly home: string
  readonly imageHome: string
  readonly staging: string
  readonly can: Driver['can']
  readonly whiteoutFiles: 'yes' | 'no'
  readonly opaqueAttribute: string
  readonly #options: OverlayOptions
  /** Whether this process may have been the reason why others left the home mounted. */
  #used = false

  constructor(options: OverlayOptions) {
    this.#options = options
    this.home = options.home
    this.imageHome = options.imageHome
    this.staging = join(options.imageHome, 'tempdirs')
    const unprivileged = options.mountProgram === undefined ? 'user.overlay.opaque' : 'user.fuseoverlayfs.opaque'
    this.opaqueAttribute = options.userNamespace === 'yes' ? unprivileged : 'trusted.overlay.opaque'
    this.whiteoutFiles = options.mountProgram === undefined ? 'no' : 'yes'
    // What such mounts write into the upper directory is no whole file, or lies under another name.
    const partial = options.mountOptions.some(word => word === 'metacopy=on' || word === 'redirect_dir=on')
    // In a user namespace nobody may shift the ids of a mount of the host's (mount_setattr(2)).
    const idmap = options.mountProgram === undefined && options.userNamespace === 'no'
    this.can = { idmap, nativeDiff: !partial || options.mountProgram !== undefined }
  }

  has(id: LayerId): boolean {
    return existsSync(join(this.#ownHome(id), id, 'diff'))
  }

  create(id: LayerId, parent: LayerId | undefined): void {
    this.#used = true
    const diff = join(this.#make(this.home, id, { parent, link: undefined }), 'diff')
    mkdirSync(diff, { mode: 0o700 })
    this.#dress(diff, parent)
  }

  adopt(id: LayerId, parent: LayerId | undefined, unpacked: string): void {
    this.restore(id, { parent, children: [] }, unpacked)
  }

  isStacked(id: LayerId, parent: LayerId | undefined): boolean {
    const directory = this.#directory(id)
    const lower = readText(join(directory, 'lower')).trim()
    return isLinked(directory) && lower === (parent === undefined ? '' : this.#lowerFor(parent))
  }

  restack(id: LayerId, { parent, children }: Place): void {
    const directory = this.#directory(id)
    if (!isLinked(directory)) makeLink(directory, linkBelow(this.#homes(), children) ?? randomLink())
    if (parent === undefined) rmSync(join(directory, 'lower'), { force: true })
    else writeFileSync(join(directory, 'lower'), this.#lowerFor(parent), { mode: 0o644 })
  }

  restore(id: LayerId, { parent, children }: Place, unpacked: string): void {
    this.#used = true
    const link = linkBelow(this.#homes(), children)
    const diff = join(this.#make(this.imageHome, id, { parent, link }), 'diff')
    moveWithin(unpacked, diff)
    this.#dress(diff, parent)
  }

  diffPath(id: LayerId): string {
    return join(this.#directory(id), 'diff')
  }

  lowerPaths(id: LayerId): readonly string[] {
    return this.#lowers(this.#directory(id))
  }

  /** Other stores' layers, and those of a separate image store, are mounted where only this store's users look. */
  mountPoint(id: LayerId): string {
    return join(this.#isAtHome(id) ? this.home : this.#options.runHome, id, 'merged')
  }

  isMounted(id: LayerId): boolean {
    return isMountPoint(this.mountPoint(id))
  }

  mount(id: LayerId, options: MountLayerOptions): string {
    this.#bindHome()
    this.#used = true
    const target = this.mountPoint(id)
    mkdirSync(target, { recursive: true, mode: 0o700 })
    const directory = this.#directory(id)
    const words = this.#words(options)
    const { flags, own } = partWords(words)
    const readOnly = options.access === 'read-only' || !this.#isAtHome(id)
    const { mappings, ...unmapped } = options
    const wanted = this.can.idmap && mappings ? { ...unmapped, mappings } : unmapped
    using mapped = mappedBy(directory, readOnly ? this.#readOnly(directory) : this.#readWrite(directory), wanted)
    const { layers } = mapped
    const { mountProgram: program } = this.#options
    if (program !== undefined) {
      const data = overlayData(layers, own.filter(isForProgram), options.label)
      const plain = words.filter(word => !own.includes(word))
      mountByProgram({ program, home: this.home, target, data, words: plain })
    } else this.#attach({ target, flags: readOnly ? flags : flags & ~1, layers, own, label: options.label })
    return target
  }

  unmount(id: LayerId): void {
    const target = this.mountPoint(id)
    this.#used = true
    umountIfThere(target)
    freshDirectory(target)
  }

  retire(id: LayerId, trash: string | undefined): void {
    // What is removed leaves a home that can be removed as well, whoever bound it.
    this.#used = true
    const home = this.#ownHome(id)
    const directory = join(home, id)
    const link = readText(join(directory, 'link')).trim()
    if (/^[A-Z2-7]{26}$/.test(link)) rmSync(join(home, 'l', link), { force: true })
    if (trash === undefined || home !== this.imageHome) removeTree(directory)
    else if (existsSync(directory)) moveWithin(directory, join(trash, id))
  }

  /**
   * Takes the bind mount of the home away, which the kernel refuses while anything below is mounted or open: other tools mount
   * at any time. Whoever is last takes it away.
   */
  close(): void {
    if (!this.#used || this.#options.skipMountHome === 'yes') return
    if (isMountPoint(this.home)) umountUnlessBusy(this.home)
    this.#used = false
  }

  /** Other programs bind the home on itself when they start; a mount made before that would be hidden from them. */
  #bindHome(): void {
    if (this.#options.skipMountHome === 'yes' || isMountPoint(this.home)) return
    mount(this.home, this.home, 'none', MS_BIND)
    mount('', this.home, 'none', MS_PRIVATE)
  }

  #isAtHome(id: LayerId): boolean {
    return existsSync(join(this.home, id))
  }

  /** The one of the store's own two homes that has the layer; the first when none does. */
  #ownHome(id: LayerId): string {
    return this.home !== this.imageHome && existsSync(join(this.imageHome, id)) ? this.imageHome : this.home
  }

  #make(
    home: string,
    id: LayerId,
    { parent, link = randomLink() }: { readonly parent: LayerId | undefined; readonly link: string | undefined },
  ): string {
    const directory = join(home, id)
    // What a crash left under this id belongs to nobody: no record names it.
    if (existsSync(directory)) removeTree(directory)
    const lower = parent === undefined ? '' : this.#lowerFor(parent)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    for (const name of ['work', 'merged', ...(lower === '' ? ['empty'] : [])])
      mkdirSync(join(directory, name), { mode: 0o700 })
    makeLink(directory, link)
    if (lower !== '') writeFileSync(join(directory, 'lower'), lower, { mode: 0o644 })
    return directory
  }

  #lowerFor(parent: LayerId): string {
    const directory = this.#directory(parent)
    const lower = lowerOf(readText(join(directory, 'link')).trim(), readText(join(directory, 'lower')))
    if (splitLower(lower).length <= deepest) return lower
    throw new StorageError('DRIVER_UNSUPPORTED', `more than ${deepest} layers cannot be stacked`, { subject: parent })
  }

  /** A layer's root looks like its parent's; the first one's is nobody's to write. */
  #dress(diff: string, parent: LayerId | undefined): void {
    if (parent === undefined) {
      chmodSync(diff, 0o555)
      return
    }
    const { uid, gid, mode } = statSync(this.diffPath(parent))
    chownSync(diff, uid, gid)
    chmodSync(diff, mode & 0o7777)
  }

  #directory(id: LayerId): string {
    const home = this.#homes().find(each => existsSync(join(each, id)))
    if (home !== undefined) return join(home, id)
    throw new StorageError('LAYER_DAMAGED', `the files of layer ${id} are missing`, { subject: id })
  }

  #homes(): readonly string[] {
    return [...new Set([this.home, this.imageHome, ...this.#options.otherHomes])]
  }

  #lowers(directory: string): readonly string[] {
    const homes = this.#homes()
    const own: string[] = []
    for (let n = 1; existsSync(join(directory, `diff${n}`)); n++) own.push(join(directory, `diff${n}`))
    return [...own, ...splitLower(readText(join(directory, 'lower'))).map(each => resolveLower(each, homes))]
  }

  #words(options: MountLayerOptions): readonly string[] {
    const words = [...(options.options?.length ? options.options : this.#options.mountOptions)]
    const { userNamespace, mountProgram } = this.#options
    if (userNamespace === 'yes' && mountProgram === undefined && !words.includes('userxattr')) words.push('userxattr')
    if (options.volatile === 'yes' && !words.includes('volatile')) words.push('volatile')
    return words
  }

  #readWrite(directory: string): OverlayLayers {
    const lowers = this.#lowers(directory)
    const empty = join(directory, 'empty')
    if (lowers.length === 0) mkdirSync(empty, { recursive: true, mode: 0o700 })
    const work = join(directory, 'work')
    rmSync(join(work, 'work/incompat/volatile'), { recursive: true, force: true })
    return { lowers: lowers.length > 0 ? lowers : [empty], upper: join(directory, 'diff'), work }
  }

  /** Overlayfs wants two lower layers where there is no upper one. */
  #readOnly(directory: string): OverlayLayers {
    const lowers = [join(directory, 'diff'), ...this.#lowers(directory)]
    if (lowers.length > 1) return { lowers }
    const empty = join(directory, 'empty')
    return { lowers: existsSync(empty) ? [...lowers, empty] : lowers }
  }

  #attach(request: AttachRequest): void {
    const own = request.layers.upper === undefined ? request.own.filter(word => word !== 'volatile') : request.own
    const data = overlayData(request.layers, own, request.label)
    if (Buffer.byteLength(data) <= longestData) mount('overlay', request.target, 'overlay', request.flags, data)
    else mountInThread({ ...request, own })
  }
}

function mappedBy(directory: string, layers: OverlayLayers, { mappings }: MountLayerOptions): MappedLayers {
  const isMapped = (mappings?.uids.length ?? 0) + (mappings?.gids.length ?? 0) > 0
  return mappings && isMapped ? mapLowers(directory, layers, mappings) : { layers, [Symbol.dispose]: () => {} }
}

/** Words that only the kernel's overlayfs knows. */
const isForProgram = (word: string): boolean => !/^(?:metacopy|redirect_dir|index|xino|userxattr)(?:=|$)/.test(word)

interface AttachRequest {
  readonly target: string
  readonly flags: number
  readonly layers: OverlayLayers
  readonly own: readonly string[]
  readonly label: string | undefined
}

/** What another tool unmounted meanwhile is unmounted. */
const umountIfThere = (target: string): void => umountUnless(['EINVAL', 'ENOENT'], target, MNT_DETACH)

const umountUnlessBusy = (target: string): void => umountUnless(['EINVAL', 'ENOENT', 'EBUSY'], target, 0)

function umountUnless(tolerated: readonly string[], target: string, flags: number): void {
  try {
    umount(target, flags)
  } catch (error) {
    if (!tolerated.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** A new empty directory in the place of a used mount point, in one step. */
function freshDirectory(target: string): void {
  if (!existsSync(target)) return
  const fresh = `${target}.1`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  try {
    moveWithin(fresh, target)
  } catch (error) {
    rmdirSync(fresh)
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
  }
}
