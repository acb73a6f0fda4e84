import type { Call } from '../call.ts'
import { isStorageError } from '../errors.ts'
import { layerDiff } from '../layers/diff.ts'
import { unpackOptions } from '../layers/stage.ts'
import { hasTarSplit } from '../layers/sweep.ts'
import { toMappings } from '../records/convert.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { shown } from '../tar/bytes.ts'
import { TarReader } from '../tar/reader.ts'
import { Tally } from '../tar/tally.ts'
import { findChange, type Written } from './attributes.ts'
import { LayerTree } from './layer-tree.ts'
import { type Problem, problem } from './problems.ts'
import { findStranger } from './strangers.ts'

/**
 * Reads a whole layer: its tar must have the recorded digest, nothing may lie beside what the tar holds, and what lies
 * there must have the kind, owner, mode, time and target that the tar says.
 */
export async function contentProblems(
  room: Room,
  layer: StoredLayer,
  call: Pick<Call, 'signal'> = {},
): Promise<Problem[]> {
  const wrong = (detail: string): Problem[] => [problem('layer-content-wrong', layer.id, detail)]
  try {
    const { digest, size, tree } = await readLayer(room, layer, call)
    const { 'diff-digest': recorded = digest, 'diff-size': length = -1 } = layer
    if (digest !== recorded)
      return wrong(hasTarSplit(room, layer.id) ? `its digest is ${digest}` : 'its tar-split record is missing')
    if (length >= 0 && size !== length) return wrong(`its tar has ${size} bytes instead of ${length}`)
    const stranger = findStranger(room, layer, tree.names)
    if (stranger !== undefined)
      return [problem('layer-content-added', layer.id, `${shown(stranger)} is no part of its tar`)]
    const change = findChange(tree, written(room, layer))
    return change === undefined ? [] : [problem('layer-attributes-wrong', layer.id, change)]
  } catch (error) {
    if (isStorageError(error)) return wrong(error.message)
    throw error
  }
}

async function readLayer(
  room: Room,
  layer: StoredLayer,
  call: Pick<Call, 'signal'>,
): Promise<{ readonly digest: string; readonly size: number; readonly tree: LayerTree }> {
  const tally = new Tally()
  const tree = new LayerTree()
  const nothing = (): void => {}
  const reader = new TarReader({
    structure: nothing,
    data: nothing,
    entryEnd: nothing,
    entry: entry => tree.add(entry),
  })
  for await (const chunk of layerDiff(room, layer.id, call)) {
    tally.add(chunk)
    reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  }
  reader.end()
  return { ...tally.end(), tree }
}

function written(room: Room, layer: StoredLayer): Written {
  const { name, whiteoutFiles } = room.driver
  const { chownErrors, userNamespace } = unpackOptions(room)
  return {
    directory: room.driver.diffPath(layer.id),
    owners: chownErrors === 'ignore' ? undefined : { uids: toMappings(layer.uidmap), gids: toMappings(layer.gidmap) },
    marks: name === 'vfs' || whiteoutFiles === 'yes' ? 'no' : 'yes',
    devices: userNamespace === 'yes' ? 'no' : 'yes',
    times: name === 'vfs' || layer['toc-digest'] !== undefined ? 'of-files' : 'of-all',
  }
}
