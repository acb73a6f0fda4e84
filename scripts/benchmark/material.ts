import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output } from '@libpod/test-kit'

const files = 21_500
const bytes = 350_000_000
export const layers = 8

/** A tree of the size of a distribution's image: text that compresses about as programs and documents do. */
export function makeTree(directory: string): string {
  const text = Buffer.from(randomBytes(3 << 20).toString('base64'))
  const size = Math.floor(bytes / files)
  for (let number = 0; number < files; number++) {
    const folder = join(directory, `layer${number % layers}`, `d${number % 97}`)
    mkdirSync(folder, { recursive: true })
    const start = (number * 7919 * 13) % (text.length - size)
    writeFileSync(join(folder, `f${number}`), text.subarray(start, start + size))
  }
  return directory
}

const digest = (content: Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

/** An OCI layout of the tree with a gzip layer for each of its folders. */
export async function makeLayout(tree: string, directory: string): Promise<string> {
  const blobs = join(directory, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (content: Uint8Array, mediaType: string): object => {
    writeFileSync(join(blobs, digest(content).slice(7)), content)
    return { mediaType, digest: digest(content), size: content.length }
  }
  const parts = await Promise.all([...Array(layers).keys()].map(number => makeLayer(tree, number)))
  const rootfs = { type: 'layers', diff_ids: parts.map(({ diffId }) => diffId) }
  const config = put(
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs })),
    'application/vnd.oci.image.config.v1+json',
  )
  const described = parts.map(({ compressed }) => put(compressed, 'application/vnd.oci.image.layer.v1.tar+gzip'))
  const type = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = put(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: described })),
    type,
  )
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  return directory
}

async function makeLayer(tree: string, number: number): Promise<{ diffId: string; compressed: Uint8Array }> {
  const tar = join(tree, `${number}.tar`)
  await output('tar', ['-C', tree, '--owner=0', '--group=0', '-cf', tar, `layer${number}`])
  const diffId = digest(readFileSync(tar))
  await output('gzip', ['-6', tar], { timeout: 240_000 })
  const compressed = readFileSync(`${tar}.gz`)
  rmSync(`${tar}.gz`)
  return { diffId, compressed }
}

export const megabytes = (file: string): number => Math.round(statSync(file).size / 1e6)
