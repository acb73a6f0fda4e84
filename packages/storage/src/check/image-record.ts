import { isDigest } from '../digest.ts'
import { firstManifestDigest } from '../images/create.ts'
import { fileOfKey } from '../records/big-data-name.ts'
import { isNear, nearest } from '../records/near.ts'
import type { StoredBigData, StoredImage } from '../records/stored.ts'
import { configOf, digestOf, type Items, isIndex, isProven, isSigned } from './image-evidence.ts'
import { holds, type LayersById, topLayer } from './top-layer.ts'

/** An item that is not there, or not as the record has it. */
interface DataFault {
  readonly kind: 'data-missing' | 'data-wrong'
  readonly detail: string
}

/** What an image's (a container's) items say against its record, and against themselves. */
export function wrongData(image: StoredBigData, items: Items): readonly DataFault[] {
  const names = image['big-data-names'] ?? []
  const sizes = new Map(Object.entries(image['big-data-sizes'] ?? {}))
  const digests = new Map(Object.entries(image['big-data-digests'] ?? {}))
  return [...new Set([...names, ...sizes.keys(), ...digests.keys()])].flatMap(key => {
    const item = `its item ${JSON.stringify(key)}`
    const bytes = items.get(key)
    if (bytes === undefined) return [{ kind: 'data-missing', detail: `${item} is missing` }]
    const wrong = (how: string): DataFault[] => [{ kind: 'data-wrong', detail: `${item} has ${how}` }]
    const size = sizes.get(key) ?? bytes.length
    if (size !== bytes.length) return wrong(`${bytes.length} bytes instead of ${size}`)
    const digest = digests.get(key)
    if (isProven(key, bytes) === 'no' || (digest !== undefined && !hasDigest(key, bytes, digest)))
      return wrong(`the digest ${digestOf(bytes)}`)
    return names.includes(key) ? [] : wrong('no name')
  })
}

/** The digest of a manifest that signs itself is of what it signs: it is taken as it is. */
const hasDigest = (key: string, bytes: Buffer, digest: string): boolean =>
  digestOf(bytes) === digest || (key.startsWith('manifest') && isDigest(digest) && isSigned(bytes))

/** Other fields of an image's record that what it holds says otherwise. */
export function wrongFields(image: StoredImage, items: Items, layers: LayersById): readonly string[] {
  const config = configOf(image.id, items)
  const wrong: string[] = []
  if (image.digest !== undefined && !isItsDigest(image, image.digest)) wrong.push(`its digest ${image.digest} is none`)
  if (config?.created !== undefined && Date.parse(config.created) !== Date.parse(image.created))
    wrong.push(`was made at ${config.created}, not at ${image.created}`)
  if (config && config.diffIds.length > 0 && !holds(layers, image.layer, config.diffIds)) {
    const right = topLayer(layers, image, config.diffIds)
    if (right !== undefined) wrong.push(`stands on layer ${right}, not on ${image.layer ?? 'none'}`)
  }
  return wrong
}

/** A list that was edited keeps the digest of what it was: only one that nearly is a manifest's is damaged. */
function isItsDigest(image: StoredImage, digest: string): boolean {
  const manifests = Object.entries(image['big-data-digests'] ?? {}).filter(([key]) => key.startsWith('manifest'))
  return isDigest(digest) && !manifests.some(([, each]) => each !== digest && isNear(each, digest))
}

/** Whether nothing speaks against the record, it says all that it could, and every layer that it names is there. */
export function isRight(image: StoredImage, items: Items, layers: LayersById): boolean {
  const named = [image.layer, ...(image['mapped-layers'] ?? [])].filter(id => id !== undefined)
  const wrong = [...wrongData(image, items), ...wrongFields(image, items, layers)]
  return wrong.length === 0 && saysAll(image, items) && named.every(id => layers.has(id))
}

/** Fields of a broken record may have been lost. */
function saysAll(image: StoredImage, items: Items): boolean {
  const { 'big-data-names': names = [], 'big-data-sizes': sizes = {}, 'big-data-digests': digests = {} } = image
  const isKnown = (key: string): boolean =>
    names.includes(key) && Object.hasOwn(sizes, key) && Object.hasOwn(digests, key)
  return [...items.keys()].every(isKnown) && (image.digest ?? firstManifestDigest(image)) === image.digest
}

/** The record with everything put right that its items tell; what nothing tells stays. */
export function mendImage(image: StoredImage, items: Items, layers: LayersById): StoredImage {
  const config = configOf(image.id, items)
  const data = mendData(image, items)
  const digest =
    image.digest !== undefined && isItsDigest({ ...image, ...data }, image.digest) ? image.digest : undefined
  const layer = config && config.diffIds.length > 0 ? topLayer(layers, image, config.diffIds) : image.layer
  const copies = (image['mapped-layers'] ?? []).flatMap(id =>
    layers.has(id) ? id : (nearest(id, layers.keys()) ?? []),
  )
  const { digest: _digest, layer: _layer, 'mapped-layers': _copies, ...rest } = image
  return {
    ...rest,
    ...withDigest(digest ?? firstManifestDigest(data)),
    ...((layer ?? image.layer) !== undefined && { layer: (layer ?? image.layer) as string }),
    ...(copies.length > 0 && { 'mapped-layers': copies }),
    ...data,
    created: config?.created ?? image.created,
  }
}

const withDigest = (digest: StoredImage['digest']): Pick<StoredImage, 'digest'> => (digest ? { digest } : {})

/** In the record's own order, a damaged key replaced where it stood; what no key names comes last. */
function mendData(image: StoredBigData, items: Items): StoredBigData {
  const names = image['big-data-names'] ?? []
  const strangers = new Set([...items.keys()].filter(key => !names.includes(key)))
  const found = names.flatMap(key => {
    if (items.has(key)) return [key]
    const near = [...strangers].filter(each => isNear(each, key) || (each === 'manifest' && key.length === each.length))
    if (near.length !== 1 || near[0] === undefined) return fileOfKey(key) === undefined ? [] : [key]
    strangers.delete(near[0])
    return near
  })
  const keys = [...new Set([...found, ...[...strangers].toSorted(byUse)])]
  return {
    'big-data-names': keys,
    'big-data-sizes': Object.fromEntries(keys.flatMap(key => sizeOf(image, key, items))),
    'big-data-digests': Object.fromEntries(keys.flatMap(key => digestsOf(image, key, items))),
  }
}

/** As images are written: the config, manifests by digest, the manifest, signatures. */
function byUse(one: string, other: string): number {
  const place = (key: string): number =>
    ['sha256:', 'manifest-', 'manifest', 'sig'].findIndex(each => key.startsWith(each))
  return place(one) - place(other)
}

/** Of bytes that do not have their digest the size tells nothing: the recorded one keeps telling of the damage. */
function sizeOf(image: StoredBigData, key: string, items: Items): [string, number][] {
  const recorded = image['big-data-sizes']?.[key]
  const bytes = items.get(key)
  const [[, digest] = []] = digestsOf(image, key, items)
  const isWhole = bytes !== undefined && digest !== undefined && hasDigest(key, bytes, digest)
  const size = isWhole ? bytes.length : (recorded ?? bytes?.length)
  return size === undefined ? [] : [[key, size]]
}

/** A recorded digest that the bytes do not have is damaged when they prove themselves, or nearly have it; else they may be. */
function digestsOf(image: StoredBigData, key: string, items: Items): [string, ReturnType<typeof digestOf>][] {
  const recorded = image['big-data-digests']?.[key]
  const bytes = items.get(key)
  if (bytes === undefined) return recorded ? [[key, recorded]] : []
  const actual = digestOf(bytes)
  if (recorded === undefined || isNear(recorded, actual)) return [[key, actual]]
  if (hasDigest(key, bytes, recorded)) return [[key, recorded]]
  const proven = isProven(key, bytes) === 'yes' || items.get(`manifest-${actual}`)?.equals(bytes) === true
  return [[key, proven ? actual : recorded]]
}

/** A whole manifest for the item `manifest`, when that is lost or damaged and the same stands under its digest. */
export function lostManifest(image: StoredImage, items: Items): Buffer | undefined {
  const wanted = image['big-data-digests']?.manifest ?? image.digest
  const whole = wanted && items.get(`manifest-${wanted}`)
  if (!whole || isProven(`manifest-${wanted}`, whole) !== 'yes') return undefined
  return items.get('manifest')?.equals(whole) ? undefined : whole
}

/** A record for items that have none, when they prove an image: a config whose layers are all there, or an index. */
export function imageFrom(id: string, items: Items, layers: LayersById): StoredImage | undefined {
  const config = configOf(id, items)
  const manifest = items.get('manifest')
  if (manifest === undefined || (config === undefined && !isIndex(manifest))) return undefined
  const image = mendImage({ id, metadata: '{}', created: '1970-01-01T00:00:00Z' }, items, layers)
  const isWhole = config === undefined || config.diffIds.length === 0 || image.layer !== undefined
  if (!isWhole) return undefined
  const own = image['big-data-digests']?.manifest
  return { ...image, ...withDigest(own ?? image.digest) }
}
