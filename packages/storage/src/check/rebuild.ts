import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, isDigest } from '../digest.ts'
import { chainId } from '../layers/chain-id.ts'
import { tarSplitFile } from '../layers/sweep.ts'
import { withBigData } from '../records/big-data.ts'
import { bigDataKey } from '../records/big-data-name.ts'
import type { StoredBigData, StoredImage, StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { reassemble } from '../tar/reassemble.ts'
import { Tally } from '../tar/tally.ts'

/**
 * Records made anew from what lies on disk, for files whose record was lost. Nothing is taken on trust: a layer's id must
 * follow from its content, an image's from its config.
 */

/** An image layer, when its id is the chain id of its own content on one of `parents`. */
export async function rebuildLayer(
  room: Room,
  id: string,
  parents: readonly string[],
): Promise<StoredLayer | undefined> {
  const record = tarSplitFile(room.layers.directory, id)
  if (!existsSync(record) || !room.driver.has(id)) return undefined
  const tally = new Tally()
  try {
    for await (const chunk of reassemble(record, [room.driver.diffPath(id), ...room.driver.lowerPaths(id)]))
      tally.add(chunk)
  } catch {
    return undefined
  }
  const { digest, size } = tally.end()
  const parent = [undefined, ...parents].find(each => chainId(each, digest) === id)
  if (parent === undefined && chainId(undefined, digest) !== id) return undefined
  return {
    id,
    ...(parent !== undefined && { parent }),
    created: statSync(record).mtime.toISOString(),
    'diff-digest': digest,
    'diff-size': size,
  }
}

/** An image, nameless, when its config is there and its layer is known. */
export function rebuildImage(room: Room, id: string, layers: ReadonlySet<string>): StoredImage | undefined {
  const directory = join(room.images.directory, id)
  if (!existsSync(directory)) return undefined
  const items = readItems(directory)
  const config = items.get(`sha256:${id}`)
  if (config === undefined || createHash('sha256').update(config).digest('hex') !== id) return undefined
  const layer = topLayer(config)
  const manifest = items.get('manifest')
  if (manifest === undefined || (layer !== undefined && !layers.has(layer))) return undefined
  const data = [...items].reduce<StoredBigData>((fields, [key, bytes]) => withBigData(fields, { key, data: bytes }), {})
  const digest = data['big-data-digests']?.manifest
  return {
    id,
    ...(digest && { digest }),
    ...(layer !== undefined && { layer }),
    metadata: '{}',
    ...data,
    created: statSync(directory).mtime.toISOString(),
  }
}

function readItems(directory: string): ReadonlyMap<string, Buffer> {
  const items = new Map<string, Buffer>()
  for (const name of readdirSync(directory)) {
    const key = bigDataKey(name)
    if (key !== undefined) items.set(key, readFileSync(join(directory, name)))
  }
  return items
}

/** The chain id of all the layers that a config lists (image-spec, config.md). */
function topLayer(config: Buffer): string | undefined {
  try {
    const { rootfs } = JSON.parse(config.toString()) as { rootfs?: { diff_ids?: readonly unknown[] } }
    const digests = (rootfs?.diff_ids ?? []).filter(
      (each): each is Digest => typeof each === 'string' && isDigest(each),
    )
    return digests.reduce<string | undefined>((parent, digest) => chainId(parent, digest), undefined)
  } catch {
    return undefined
  }
}
