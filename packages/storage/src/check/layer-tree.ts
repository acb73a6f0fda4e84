import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import type { ByteString } from '../tar/bytes.ts'
import type { TarEntry } from '../tar/entry.ts'
import { parseWhiteout } from '../tar/whiteout.ts'

/** What a layer's tar says lies in the layer; of a name that comes more than once, what it says last. */
export class LayerTree {
  readonly #names = new Set<ByteString>()
  readonly #things = new Map<ByteString, TarEntry>()
  readonly #deleted = new Set<ByteString>()
  readonly #opaque = new Set<ByteString>()

  add(entry: TarEntry): void {
    const path = cleanPath(entry.name)
    const [directory, base] = splitPath(path)
    const whiteout = parseWhiteout(base)
    const meant = whiteout.kind === 'deleted' ? path.slice(0, path.length - base.length) + whiteout.name : path
    this.#addName(meant)
    if (whiteout.kind === 'deleted') this.#deleted.add(meant)
    else if (whiteout.kind === 'opaque') this.#opaque.add(directory)
    else if (whiteout.kind === 'none') this.#addThing(path, entry)
  }

  /** Every path that an entry names, a deletion that of what it deletes, and the directories above. */
  get names(): ReadonlySet<ByteString> {
    return this.#names
  }

  /** What is at a path, the root aside; hard links have the entry of what they link to. */
  get things(): ReadonlyMap<ByteString, TarEntry> {
    return this.#things
  }

  /** What is deleted of lower layers, and is not in this one as well. */
  get deleted(): readonly ByteString[] {
    return [...this.#deleted].filter(path => !this.#things.has(path))
  }

  /** Directories that hide what lower layers have in them. */
  get opaque(): ReadonlySet<ByteString> {
    return this.#opaque
  }

  #addName(path: ByteString): void {
    this.#names.add(path)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      this.#names.add(path.slice(0, end))
  }

  /** A link to what is found only through another link is not followed up. */
  #addThing(path: ByteString, entry: TarEntry): void {
    const thing = entry.kind === 'hardlink' ? this.#things.get(cleanPath(entry.linkName)) : entry
    if (thing === undefined || path === '') this.#things.delete(path)
    else this.#things.set(path, thing)
  }
}
