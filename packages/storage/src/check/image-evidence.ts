import { createHash } from 'node:crypto'
import { type Digest, isDigest, parseDigest } from '../digest.ts'
import { isTime } from '../records/shape.ts'

/** The items of an image as they lie on disk. */
export type Items = ReadonlyMap<string, Buffer>

/** What an image's config tells of its record. */
export interface ImageConfig {
  readonly diffIds: readonly Digest[]
  readonly created?: string
}

export const digestOf = (bytes: Uint8Array): Digest =>
  parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

/** The digest that an item's own key names; undefined when it names none. */
function namedDigest(key: string): Digest | undefined {
  const digest = key.replace(/^manifest-/, '')
  return isDigest(digest) && digest.startsWith('sha256:') ? digest : undefined
}

/** Whether the bytes are what the key says: unknown for a key that says nothing, and for a manifest that signs itself. */
export function isProven(key: string, bytes: Buffer): 'yes' | 'no' | 'unknown' {
  const named = namedDigest(key)
  if (named === undefined) return 'unknown'
  if (digestOf(bytes) === named) return 'yes'
  return key.startsWith('manifest') && isSigned(bytes) ? 'unknown' : 'no'
}

/** A schema 1 manifest: its digest leaves its own signatures out. */
export const isSigned = (bytes: Buffer): boolean => tableIn(bytes).signatures !== undefined

/** A list of manifests: such an image has neither config nor layers. */
export const isIndex = (bytes: Buffer | undefined): boolean =>
  bytes !== undefined && Array.isArray(tableIn(bytes).manifests)

/** The config among an image's proven items: the one that its id names, else the only one with a root file system. */
export function configOf(id: string, items: Items): ImageConfig | undefined {
  const proven = [...items].filter(([key, bytes]) => isDigest(key) && isProven(key, bytes) === 'yes')
  const configs = proven.flatMap(([key, bytes]) => {
    const config = parseConfig(bytes)
    return config ? [{ key, config }] : []
  })
  const own = configs.find(({ key }) => key === `sha256:${id}`)
  return (own ?? (configs.length === 1 ? configs[0] : undefined))?.config
}

/** image-spec, config.md: `rootfs.diff_ids` from the bottom up, and `created`. */
function parseConfig(bytes: Buffer): ImageConfig | undefined {
  const { rootfs, created } = tableIn(bytes)
  if (typeof rootfs !== 'object' || rootfs === null) return undefined
  const diffIds: unknown = Reflect.get(rootfs, 'diff_ids') ?? []
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) return undefined
  return { diffIds, ...(isTime(created) && { created: created as string }) }
}

function tableIn(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}
