import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../digest.ts'
import { directoryFiles } from '../../files/directory.ts'
import { readSmall } from '../../files/range.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatIndex } from '../../manifest/format.ts'
import { maximumManifestSize, parseManifest } from '../../manifest/manifest.ts'
import { replace } from './destination.ts'
import { blobPath, chooseImage, indexFile, readLayoutIndex } from './layout.ts'
import type { LayoutName } from './layout-name.ts'

/** Takes an image out of a layout, and its blobs where no other image uses them. */
export async function deleteFromLayout(name: LayoutName): Promise<void> {
  const files = directoryFiles(name.path)
  const index = await readLayoutIndex(files)
  const gone = chooseImage(index, name)
  const rest = index.manifests.filter(other => other !== gone)
  const kept = new Set((await Promise.all(rest.map(other => reachable(name.path, other)))).flat())
  const blobs = await reachable(name.path, gone)
  await replace(join(name.path, indexFile), formatIndex({ ...index, manifests: rest }))
  for (const digest of blobs) if (!kept.has(digest)) await rm(join(name.path, blobPath(digest)), { force: true })
}

async function reachable(path: string, { digest, mediaType }: Descriptor): Promise<readonly Digest[]> {
  const bytes = await readSmall(directoryFiles(path), blobPath(digest), maximumManifestSize).catch(() => undefined)
  if (bytes === undefined) return []
  const manifest = parseManifest(bytes, mediaType)
  if (manifest.kind === 'index') {
    return [digest, ...(await Promise.all(manifest.manifests.map(one => reachable(path, one)))).flat()]
  }
  return manifest.kind === 'image'
    ? [digest, manifest.config.digest, ...manifest.layers.map(layer => layer.digest)]
    : [digest]
}
