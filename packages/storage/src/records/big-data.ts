import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, parseDigest } from '../digest.ts'
import { StorageError } from '../errors.ts'
import type { BigDataItem } from '../images/images.ts'
import { writeAtomically } from './atomic-write.ts'
import { bigDataFile } from './big-data-name.ts'
import type { StoredBigData } from './stored.ts'

/** Writes an item's file below the record's own directory. */
export function writeBigData(directory: string, item: BigDataItem): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeAtomically(join(directory, bigDataFile(item.key)), item.data)
}

/** The record's fields with the item in them. */
export function withBigData(record: StoredBigData, item: BigDataItem): StoredBigData {
  const names = record['big-data-names'] ?? []
  return {
    'big-data-names': names.includes(item.key) ? names : [...names, item.key],
    'big-data-sizes': { ...record['big-data-sizes'], [item.key]: item.data.length },
    'big-data-digests': { ...record['big-data-digests'], [item.key]: item.digest ?? sha256(item.data) },
  }
}

const sha256 = (data: Uint8Array): Digest => parseDigest(`sha256:${createHash('sha256').update(data).digest('hex')}`)

/** An item's bytes. @throws StorageError BIG_DATA_UNKNOWN */
export function readBigData(directory: string, key: string): Uint8Array {
  try {
    return readFileSync(join(directory, bigDataFile(key)))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new StorageError('BIG_DATA_UNKNOWN', `no item ${key} in ${directory}`, { subject: key, cause })
  }
}
