import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type Json, type JsonObject, stringifyJson } from '../json/parse.ts'
import { isObject } from '../json/read.ts'
import type { Schema1Manifest } from './manifest.ts'

/** Keys of a v1 compatibility document that an image config does not have (docker image spec v1 against v1.2). */
const droppedKeys = ['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway']

/**
 * The image config that a schema 1 manifest's top layer stands for, once the uncompressed digests of its layers are
 * known (layers that changed nothing have none).
 */
export function configFromSchema1(manifest: Schema1Manifest, diffIds: readonly Digest[]): Uint8Array {
  const top = manifest.layers.at(-1)?.history
  if (top === undefined) throw new ImageError('MANIFEST_INVALID', 'a schema 1 manifest without layers')
  const kept = [...top].filter(([key]) => !droppedKeys.includes(key))
  const rootfs = new Map<string, Json>([
    ['type', 'layers'],
    ['diff_ids', [...diffIds]],
  ])
  const history = manifest.layers.map(({ history: layer, throwaway }) => historyOf(layer, throwaway))
  return Buffer.from(stringifyJson(new Map<string, Json>([...kept, ['rootfs', rootfs], ['history', history]])))
}

function historyOf(layer: JsonObject, throwaway: 'yes' | 'no'): JsonObject {
  const entry = new Map<string, Json>()
  for (const key of ['created', 'author', 'comment']) copyText(entry, key, layer.get(key))
  const config = layer.get('container_config')
  const command = isObject(config) ? config.get('Cmd') : undefined
  if (Array.isArray(command)) copyText(entry, 'created_by', command.filter(word => typeof word === 'string').join(' '))
  if (throwaway === 'yes') entry.set('empty_layer', true)
  return entry
}

function copyText(entry: Map<string, Json>, key: string, value: Json | undefined): void {
  if (typeof value === 'string' && value !== '') entry.set(key, value)
}
