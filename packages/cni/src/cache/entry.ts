import type { Attachment } from '../attachment.ts'
import type { NetworkList } from '../config/network-list.ts'
import { parseConflist } from '../config/parse.ts'
import { CniError } from '../errors.ts'
import { defined, isObject, isText, type JsonObject, parseObject } from '../json.ts'
import { readResult, writeResult } from '../result/convert.ts'
import type { Result } from '../result/result.ts'
import type { CniVersion } from '../version.ts'

/** What libcni remembers of an attachment, so that DEL, CHECK and GC need nothing but its name. */
export interface CachedAttachment {
  readonly networkName: string
  readonly attachment: Attachment
  /** The configuration used for ADD. */
  readonly config: Uint8Array
  readonly result?: Result
}

const kind = 'cniCacheV1'

/** The text of a cache file. */
export function writeEntry(list: NetworkList, attachment: Attachment, result: Result): string {
  const { args = [], capabilityArgs = {} } = attachment
  return JSON.stringify(
    defined({
      kind,
      containerId: attachment.containerId,
      config: Buffer.from(list.bytes).toString('base64'),
      ifName: attachment.ifName,
      networkName: list.name,
      netns: attachment.netns,
      cniArgs: args.length > 0 ? args : undefined,
      capabilityArgs: Object.keys(capabilityArgs).length > 0 ? capabilityArgs : undefined,
      result: writeResult(result, list.cniVersion),
    }),
  )
}

/**
 * Reads a cache file; undefined for one of an older kind.
 * @throws CniError CACHE_INVALID
 */
export function readEntry(text: string, path: string): CachedAttachment | undefined {
  const file = parseObject(text)
  if (!file) throw invalid(path, 'it is not a JSON object')
  if (file.kind !== kind) return undefined
  const { containerId, ifName, networkName, config } = file
  if (!isText(containerId) || !isText(ifName) || !isText(networkName) || !isText(config)) {
    throw invalid(path, 'a key is missing')
  }
  const bytes = Buffer.from(config, 'base64')
  const attachment = defined({
    containerId,
    ifName,
    netns: isText(file.netns) ? file.netns : undefined,
    args: argsOf(file.cniArgs),
    capabilityArgs: isObject(file.capabilityArgs) ? file.capabilityArgs : undefined,
  })
  return defined({ networkName, attachment, config: bytes, result: resultOf(file.result, bytes) })
}

/** The bare result that a file of an older kind is. */
export function readLegacyEntry(text: string, version: CniVersion): Result | undefined {
  const file = parseObject(text)
  return file && file.kind === undefined ? readResult(file, version) : undefined
}

function argsOf(value: unknown): readonly (readonly [string, string])[] | undefined {
  if (!Array.isArray(value)) return undefined
  const pairs = value.filter(
    (pair): pair is [string, string] => Array.isArray(pair) && pair.length === 2 && pair.every(isText),
  )
  return pairs.length > 0 ? pairs : undefined
}

function resultOf(value: unknown, config: Uint8Array): Result | undefined {
  if (!isObject(value)) return undefined
  return readResult(value as JsonObject, parseConflist(config).cniVersion)
}

const invalid = (path: string, reason: string) =>
  new CniError('CACHE_INVALID', `cached attachment ${path} cannot be used: ${reason}`, { subject: path })
