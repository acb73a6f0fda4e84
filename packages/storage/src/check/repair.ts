import { dirname } from 'node:path'
import { removeContainer } from '../containers/remove.ts'
import { isStorageError } from '../errors.ts'
import { removeImage } from '../images/remove.ts'
import { layerChain } from '../layers/find.ts'
import { recordStaging } from '../layers/stage.ts'
import { retireFiles, sweepIncomplete } from '../layers/sweep.ts'
import { makeTemporary, sweepTemporaries } from '../layers/temporary.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { findProblems } from './check.ts'
import type { Problem } from './problems.ts'

export interface RepairOptions {
  /**
   * What becomes of images whose layers are lost. `keep`: their records stay, and pulling again brings back just the
   * lost layers. `remove`: they go, unless a container uses them.
   */
  readonly images?: 'keep' | 'remove'
  /** What becomes of containers whose layer is lost: nothing can bring it back. */
  readonly containers?: 'keep' | 'remove'
}

/** Mends what can be mended of what a check found; what is wrong afterwards. */
export async function mend(
  room: Room,
  problems: readonly Problem[],
  options: RepairOptions = {},
): Promise<readonly Problem[]> {
  for (const parent of [room.driver.staging, recordStaging(room)]) sweepTemporaries(parent)
  await room.layers.table.change(draft => {
    sweepIncomplete(room, draft)
    removeUnused(room, draft, problems)
    dropLostFiles(room, problems)
  })
  await dropStaleMounts(room)
  if (options.containers === 'remove')
    await removeLost(problems, 'container-layer-missing', id => removeContainer(room, id))
  if (options.images === 'remove') await removeDamagedImages(room, problems)
  return await findProblems(room, { depth: 'records' })
}

/** Under the lock a file without a record is nobody's: whoever makes one records it first. */
function removeUnused(room: Room, draft: Draft<StoredLayer>, problems: readonly Problem[]): void {
  const known = new Set(
    [...draft.all(), ...room.images.table.read(), ...room.containers.table.read()].map(each => each.id),
  )
  for (const { kind, subject } of problems) {
    if (!kind.endsWith('-unused-files')) continue
    const name = subject.slice(dirname(subject).length + 1)
    if (!known.has(name.slice(0, 64))) removeUnusedPath(room, subject, name)
  }
}

function removeUnusedPath(room: Room, path: string, name: string): void {
  if (dirname(path) !== room.driver.home) {
    removeTree(path)
    return
  }
  using trash = makeTemporary(room.driver.staging)
  retireFiles(room, name, trash.path)
}

/** Wrong content is worse than none: a later pull then writes the layer anew. */
function dropLostFiles(room: Room, problems: readonly Problem[]): void {
  const wrong = problems.filter(each => each.kind === 'layer-content-wrong')
  if (wrong.length === 0) return
  using trash = makeTemporary(room.driver.staging)
  for (const { subject } of wrong) retireFiles(room, subject, trash.path)
}

async function dropStaleMounts(room: Room): Promise<void> {
  if (room.mounts.read().length === 0) return
  await room.mounts.change(draft => {
    for (const each of draft.all()) if (!room.driver.isMounted(each.id)) draft.drop(each.id)
    draft.save()
  })
}

async function removeLost(
  problems: readonly Problem[],
  kind: Problem['kind'],
  remove: (id: string) => Promise<unknown>,
): Promise<void> {
  for (const each of problems) {
    if (each.kind !== kind) continue
    await remove(each.subject).catch(error => {
      if (!isStorageError(error, 'CONTAINER_UNKNOWN', 'IMAGE_UNKNOWN', 'IMAGE_IN_USE')) throw error
    })
  }
}

async function removeDamagedImages(room: Room, problems: readonly Problem[]): Promise<void> {
  const lost = new Set(problems.filter(each => each.kind.startsWith('layer-')).map(each => each.subject))
  const damaged = room.images.table
    .read()
    .filter(image => image.layer !== undefined && standsOn(room, image.layer, lost))
  const all = [
    ...damaged.map(each => each.id),
    ...problems.filter(each => each.kind.startsWith('image-')).map(each => each.subject),
  ]
  const images: Problem[] = [...new Set(all)].map(subject => ({ kind: 'image-layer-missing', subject, detail: '' }))
  await removeLost(images, 'image-layer-missing', id => removeImage(room, id))
}

function standsOn(room: Room, layer: string, lost: ReadonlySet<string>): boolean {
  try {
    return layerChain(room, layer).some(each => lost.has(each.id))
  } catch (error) {
    if (isStorageError(error)) return true
    throw error
  }
}
