import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { StorageError } from '../errors.ts'
import type { Compression } from '../layers/layers.ts'

const chunkSize = 256 * 1024

/** Programs for what Node cannot do, by absolute path: never one that an image brings. */
const programs: Partial<Record<Compression, readonly string[]>> = {
  xz: ['/usr/bin/xz', '/bin/xz'],
  bzip2: ['/usr/bin/bzip2', '/bin/bzip2'],
}

/** A stream that decompresses. @throws StorageError COMPRESSION_UNSUPPORTED */
export function decompressor(compression: Compression): Duplex {
  if (compression === 'gzip') return createGunzip({ chunkSize })
  if (compression === 'zstd') return createZstdDecompress({ chunkSize })
  const path = programs[compression]?.find(each => existsSync(each))
  if (path === undefined) {
    const hint = `install ${compression}, or recompress the layer with gzip or zstd`
    throw new StorageError('COMPRESSION_UNSUPPORTED', `no program to read ${compression} with`, { hint })
  }
  return Duplex.from((source: AsyncIterable<Uint8Array>) => runProgram(path, source))
}

async function* runProgram(path: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { spawn } = await import('node:child_process')
  const child = spawn(path, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'], env: {} })
  const ended = once(child, 'exit')
  const fed = pipeline(source, child.stdin).catch(() => {})
  try {
    yield* child.stdout
    await fed
    const [code] = await ended
    if (code !== 0) throw new Error(`${path} ended with ${code}`)
  } finally {
    child.kill()
  }
}
