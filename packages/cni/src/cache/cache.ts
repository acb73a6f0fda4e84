import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attachment } from '../attachment.ts'
import type { NetworkList } from '../config/network-list.ts'
import type { Result } from '../result/result.ts'
import { type CachedAttachment, readEntry, readLegacyEntry, writeEntry } from './entry.ts'

/** Where libcni keeps its files when nobody says otherwise. */
export const defaultCacheDir = '/var/lib/cni'

type Key = Pick<Attachment, 'containerId' | 'ifName'>

/** Remembers an attachment; the file appears whole or not at all. */
export async function saveAttachment(
  cacheDir: string,
  list: NetworkList,
  attached: { readonly attachment: Attachment; readonly result: Result },
): Promise<void> {
  const path = pathOf(cacheDir, list.name, attached.attachment)
  const temporary = join(cacheDir, `.${randomBytes(8).toString('hex')}`)
  mkdirSync(join(cacheDir, 'results'), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(temporary, writeEntry(list, attached.attachment, attached.result), { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * What is remembered of an attachment; undefined when nothing is.
 * @throws CniError CACHE_INVALID
 */
export async function cachedAttachment(
  cacheDir: string,
  list: Pick<NetworkList, 'name' | 'cniVersion' | 'bytes'>,
  key: Key,
): Promise<CachedAttachment | undefined> {
  const path = pathOf(cacheDir, list.name, key)
  const text = readText(path)
  if (text === undefined) return undefined
  const entry = readEntry(text, path)
  if (entry) return entry
  const result = readLegacyEntry(text, list.cniVersion)
  return result && { networkName: list.name, attachment: { ...key }, config: list.bytes, result }
}

/** Every remembered attachment, or those of one container. Files that cannot be used are left out and told to `onProblem`. */
export async function cachedAttachments(
  cacheDir: string,
  options: { readonly containerId?: string; readonly onProblem?: (path: string, error: unknown) => void } = {},
): Promise<readonly CachedAttachment[]> {
  const directory = join(cacheDir, 'results')
  const names = unlessAbsent(() => readdirSync(directory)) ?? []
  const entries = names.sort().map(name => readQuietly(join(directory, name), options.onProblem))
  return entries.flatMap(entry => {
    const wanted = options.containerId ?? entry?.attachment.containerId
    return entry && entry.attachment.containerId === wanted ? [entry] : []
  })
}

export async function forgetAttachment(cacheDir: string, network: string, key: Key): Promise<void> {
  rmSync(pathOf(cacheDir, network, key), { force: true })
}

function readQuietly(path: string, onProblem: (path: string, error: unknown) => void = () => {}) {
  try {
    const text = readText(path)
    return text === undefined ? undefined : readEntry(text, path)
  } catch (error) {
    onProblem(path, error)
    return undefined
  }
}

const readText = (path: string) => unlessAbsent(() => readFileSync(path, 'utf8'))

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function pathOf(cacheDir: string, network: string, { containerId, ifName }: Key): string {
  return join(cacheDir, 'results', `${network}-${containerId}-${ifName}`)
}
