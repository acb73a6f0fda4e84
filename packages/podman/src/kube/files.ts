import { readFileSync } from 'node:fs'
import { UsageError } from '../cli/usage-error.ts'
import type { Terminal } from '../terminal.ts'

/** As much as a document may have. */
const maxBytes = 16 * 1024 * 1024

/** The documents of all files one after the other; `-` is standard input, and a URL is fetched. */
export async function readKubeFiles(names: readonly string[], io: Terminal): Promise<string> {
  const texts = await Promise.all(names.map(name => readOne(name, io)))
  return texts.join('\n---\n')
}

async function readOne(name: string, io: Terminal): Promise<string> {
  if (name === '-') return Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>)).toString('utf8')
  return /^https?:\/\//.test(name) ? download(name, io) : readFileSync(name, 'utf8')
}

async function download(url: string, io: Terminal): Promise<string> {
  const response = await fetch(url, { signal: io.interrupted }).catch(error => {
    io.interrupted.throwIfAborted()
    throw new UsageError(`${url}: ${error.cause?.message || error.cause?.code || error.message}`)
  })
  if (!response.ok) throw new UsageError(`${url}: ${response.status} ${response.statusText}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new UsageError(`${url}: it has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
