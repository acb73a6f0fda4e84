import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { busyboxTar } from '@libpod/test-kit'
import type { AppliedLayer, Digest, ImageRecord, Store } from '../../src/index.ts'
import { evilTar } from './evil-tar.ts'
import { addLayer, inPieces } from './layers.ts'

export const sha256 = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest

/** Writes a two-layer busybox image as the transport would. */
export async function addImage(store: Store, directory: string, name: string): Promise<ImageRecord> {
  const base = await addLayer(store, { path: await busyboxTar(directory) })
  const second = evilTar([{ name: 'etc/added', data: 'two\n' }, { name: 'home/.wh.gone' }])
  const top = await addLayer(store, inPieces(gzipSync(second)), base.layer.id)
  return await recordImage(store, { name, layers: [base.applied, top.applied], top: top.layer.id })
}

interface ImageParts {
  readonly name: string
  readonly layers: readonly AppliedLayer[]
  readonly top: string
}

/** The record, config and manifest of an image whose layers are there already. */
export async function recordImage(store: Store, { name, layers, top }: ImageParts): Promise<ImageRecord> {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      author: name,
      config: { Cmd: ['/bin/sh'] },
      rootfs: { type: 'layers', diff_ids: layers.map(each => each.diffId) },
    }),
  )
  const blobs = layers.map(each => ({
    mediaType: `application/vnd.oci.image.layer.v1.tar${each.compression === 'gzip' ? '+gzip' : ''}`,
    digest: each.compressedDigest,
    size: each.compressedSize,
  }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const about = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length }
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: about, layers: blobs }))
  return await store.images.create({
    id: sha256(config).slice(7),
    names: [name],
    layer: top,
    metadata: '{}',
    created: '2026-01-01T00:00:00Z',
    bigData: [
      { key: sha256(config), data: config },
      { key: `manifest-${sha256(manifest)}`, data: manifest },
      { key: 'manifest', data: manifest },
    ],
  })
}
