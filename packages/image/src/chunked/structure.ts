import { extensionTypes, maximumExtension } from '../tar/extension.ts'
import { blockSize, padding, readHeader } from '../tar/header.ts'
import { readMemberExtension } from './member-extension.ts'
import { unfit } from './positions.ts'
import { describeMember, type MemberExtension, type TocEntry } from './toc-entry.ts'

/** Reads members out of a tar's structure, which comes without the files' contents. */
export class Structure {
  #held: Buffer[] = []
  /** Padding that belongs to the content before. */
  #padding = 0

  push(bytes: Buffer): void {
    this.#held.push(bytes)
  }

  /** The member whose headers end here. @throws ImageError COPY_UNSUPPORTED, ARCHIVE_INVALID */
  member(): TocEntry {
    const bytes = Buffer.concat(this.#held)
    this.#held = []
    let at = this.#padding
    let extension: MemberExtension = {}
    for (;;) {
      const block = bytes.subarray(at, at + blockSize)
      const header = block.length === blockSize ? readHeader(block) : undefined
      if (header === undefined) throw unfit('the tar-split record has a member without a header')
      at += blockSize
      if (!extensionTypes.includes(header.type)) {
        if (at !== bytes.length) throw unfit('the tar-split record has a header without a member')
        return this.#begin(describeMember(block, extension))
      }
      if (header.type === 'g' || header.size > maximumExtension)
        throw unfit('the tar has a header that is not understood')
      extension = { ...extension, ...readMemberExtension(header.type, bytes.subarray(at, at + header.size)) }
      at += header.size + padding(header.size)
    }
  }

  #begin(entry: TocEntry): TocEntry {
    this.#padding = entry.type === 'reg' ? padding(entry.size ?? 0) : 0
    return entry
  }
}
