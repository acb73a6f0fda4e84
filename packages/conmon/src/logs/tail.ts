import type { FileHandle } from 'node:fs/promises'
import { parseK8sLine } from './k8s-file.ts'

const blockSize = 64 * 1024
/** The longest beginning of a line that is needed to tell a whole line from a part of one. */
const headSize = 64
const newline = 0x0a

/** Where the last `count` lines begin; a line that was logged in parts is one. */
export async function tailOffset(file: FileHandle, size: number, count: number): Promise<number> {
  if (count <= 0) return size
  let ends = 0
  let follower = size // where the line after the one in hand begins
  for await (const { start, head } of linesBackward(file, size)) {
    const isEnd = follower === size || parseK8sLine(head)?.partial !== true
    if (isEnd && ++ends > count) return follower
    follower = start
  }
  return 0
}

interface LineStart {
  readonly start: number
  readonly head: Buffer
}

async function* linesBackward(file: FileHandle, size: number): AsyncGenerator<LineStart> {
  for (let blockEnd = size; blockEnd > 0; ) {
    const blockStart = Math.max(0, blockEnd - blockSize)
    // A head may reach into the block that came before.
    const block = Buffer.alloc(Math.min(size, blockEnd + headSize) - blockStart)
    const { bytesRead } = await file.read(block, 0, block.length, blockStart)
    if (bytesRead < block.length) return // cut short meanwhile
    const headAt = (start: number): Buffer => block.subarray(start - blockStart, start - blockStart + headSize)
    // A line starts behind a newline of this block; the newline that ends the file starts none.
    for (let at = blockEnd - blockStart - 1; at >= 0; at--) {
      at = block.lastIndexOf(newline, at)
      if (at < 0) break
      const start = blockStart + at + 1
      if (start < size) yield { start, head: headAt(start) }
    }
    if (blockStart === 0) yield { start: 0, head: headAt(0) }
    blockEnd = blockStart
  }
}
