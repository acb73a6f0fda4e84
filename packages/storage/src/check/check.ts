import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Call } from '../call.ts'
import { isStorageError } from '../errors.ts'
import { layerDiff } from '../layers/diff.ts'
import { recordStaging } from '../layers/stage.ts'
import { tarSplitFile } from '../layers/sweep.ts'
import { staleTemporaries } from '../layers/temporary.ts'
import { bigDataFile } from '../records/big-data-name.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import type { Problem, ProblemKind } from './problems.ts'

export interface CheckOptions extends Call<{ readonly layer: string }> {
  /** `records`: records, files and their sizes. `content` (the default) also reads every layer and compares its digest. */
  readonly depth?: 'records' | 'content'
}

const isId = (name: string): boolean => /^[0-9a-f]{64}$/.test(name)

/** Everything that is wrong, in the order layers, images, containers, leftovers. Changes nothing. */
export async function findProblems(room: Room, options: CheckOptions = {}): Promise<readonly Problem[]> {
  const shape = [...layerProblems(room), ...imageProblems(room), ...containerProblems(room), ...leftovers(room)]
  if (options.depth === 'records') return shape
  const broken = new Set(shape.map(each => each.subject))
  const content: Problem[] = []
  for (const layer of room.layers.table.read()) {
    options.signal?.throwIfAborted()
    if (broken.has(layer.id) || !existsSync(tarSplitFile(room.layers.directory, layer.id))) continue
    options.onProgress?.({ layer: layer.id })
    content.push(...(await contentProblems(room, layer)))
  }
  return [...shape, ...content]
}

const problem = (kind: ProblemKind, subject: string, detail: string): Problem => ({ kind, subject, detail })

function layerProblems(room: Room): Problem[] {
  const layers = room.layers.table.read()
  const known = new Set([...layers, ...room.readOnly.flatMap(each => each.layers.table.read())].map(each => each.id))
  return layers.flatMap(({ id, parent, flags }) => {
    if (flags?.incomplete) return [problem('layer-incomplete', id, 'was never finished')]
    const found: Problem[] = []
    if (!room.driver.has(id)) found.push(problem('layer-files-missing', id, 'has no files'))
    if (parent && !known.has(parent)) found.push(problem('layer-parent-missing', id, `needs layer ${parent}`))
    return found
  })
}

async function contentProblems(room: Room, layer: StoredLayer): Promise<Problem[]> {
  const wrong = (detail: string): Problem[] => [problem('layer-content-wrong', layer.id, detail)]
  try {
    const hash = createHash('sha256')
    for await (const chunk of layerDiff(room, layer.id)) hash.update(chunk)
    const digest = `sha256:${hash.digest('hex')}`
    return layer['diff-digest'] === undefined || digest === layer['diff-digest'] ? [] : wrong(`its digest is ${digest}`)
  } catch (error) {
    if (isStorageError(error)) return wrong(error.message)
    throw error
  }
}

function imageProblems(room: Room): Problem[] {
  const layers = new Set(
    [room.layers, ...room.readOnly.map(each => each.layers)].flatMap(each => each.table.read()).map(each => each.id),
  )
  return room.images.table.read().flatMap(image => {
    const missing = [image.layer, ...(image['mapped-layers'] ?? [])].filter(id => id !== undefined && !layers.has(id))
    const data = Object.entries(image['big-data-sizes'] ?? {}).filter(([key, size]) => {
      return statSync(join(room.images.directory, image.id, bigDataFile(key)), { throwIfNoEntry: false })?.size !== size
    })
    return [
      ...missing.map(id => problem('image-layer-missing', image.id, `needs layer ${id}`)),
      ...data.map(([key]) => problem('image-data-wrong', image.id, `its item ${key} is missing or has another size`)),
    ]
  })
}

function containerProblems(room: Room): Problem[] {
  const layers = new Set(room.layers.table.read().map(each => each.id))
  const lost = room.containers.table.read().filter(each => !layers.has(each.layer))
  return lost.map(each => problem('container-layer-missing', each.id, `needs layer ${each.layer}`))
}

function leftovers(room: Room): Problem[] {
  const unused = (kind: ProblemKind, directory: string, known: readonly { readonly id: string }[]): Problem[] => {
    const ids = new Set(known.map(each => each.id))
    const strangers = list(directory).filter(name => isId(name.slice(0, 64)) && !ids.has(name.slice(0, 64)))
    return strangers.map(name => problem(kind, join(directory, name), 'belongs to no record'))
  }
  const layers = room.layers.table.read()
  const files = room.driver.name === 'vfs' ? join(room.driver.home, 'dir') : room.driver.home
  return [
    ...unused('layer-unused-files', files, layers),
    ...unused('layer-unused-files', room.layers.directory, layers),
    ...unused('image-unused-files', room.images.directory, room.images.table.read()),
    ...unused('container-unused-files', room.containers.directory, room.containers.table.read()),
    ...[room.driver.staging, recordStaging(room)]
      .flatMap(staleTemporaries)
      .map(path => problem('leftover', path, `${basename(path)} has no owner`)),
    ...staleMounts(room),
  ]
}

function staleMounts(room: Room): Problem[] {
  const gone = room.mounts.read().filter(each => each.count > 0 && !room.driver.isMounted(each.id))
  return gone.map(each =>
    problem('mount-stale', each.id, `is counted as mounted ${each.count} times but is not mounted`),
  )
}

const list = (directory: string): readonly string[] => (existsSync(directory) ? readdirSync(directory) : [])
