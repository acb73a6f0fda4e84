import { basename, dirname } from 'node:path'
import { containerRemovals } from '../containers/remove.ts'
import { isStorageError } from '../errors.ts'
import { removeImage } from '../images/remove.ts'
import { standsOn } from '../layers/find.ts'
import { isBelowMount } from '../layers/mounts.ts'
import { removeLayer } from '../layers/remove.ts'
import { rewriteLayer } from '../layers/rewrite.ts'
import { recordStaging, retireFiles, sweepIncomplete } from '../layers/sweep.ts'
import { makeTemporary, sweepTemporaries } from '../layers/temporary.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { dropStaleMounts } from '../tidy.ts'
import { type CheckOptions, findProblems } from './check.ts'
import { lostContainers } from './container-records.ts'
import { contentProblems } from './content.ts'
import type { Problem, ProblemKind } from './problems.ts'
import { referencedLayers } from './referenced.ts'
import { mendRecords } from './salvage.ts'

export interface RepairOptions extends Pick<CheckOptions, 'unreferencedFor' | 'signal'> {
  /**
   * What becomes of images whose layers or items are lost. `keep`: their records stay, and pulling again brings back just
   * the lost layers. `remove`: they go, unless a container uses them.
   */
  readonly images?: 'keep' | 'remove'
  /** What becomes of containers that are damaged or stand on what is: nothing can bring their own layer back. */
  readonly containers?: 'keep' | 'remove'
}

/** What may be a record that was lost or damaged, of something whole. */
const restorable: ReadonlySet<ProblemKind> = new Set([
  'records-unreadable',
  'image-unused-files',
  'image-layer-missing',
  'image-data-missing',
  'image-data-wrong',
  'image-record-wrong',
  'layer-unused-files',
  'layer-files-missing',
  'layer-parent-missing',
  'layer-stack-wrong',
  'layer-content-wrong',
  'container-layer-missing',
  'container-image-missing',
  'container-unused-files',
])

/** A layer's own trouble that nothing but writing it anew mends. */
const lostLayer: ReadonlySet<ProblemKind> = new Set([
  ...(['layer-files-missing', 'layer-content-wrong', 'layer-content-added', 'layer-attributes-wrong'] as const),
  ...(['layer-data-missing', 'layer-parent-missing'] as const),
])

/** What reading a layer tells. */
const ofContent: ReadonlySet<ProblemKind> = new Set([
  'layer-content-wrong',
  'layer-content-added',
  'layer-attributes-wrong',
])

/** Mends what can be mended of what a check found; what is wrong afterwards. */
export async function mend(
  room: Room,
  found: readonly Problem[],
  options: RepairOptions = {},
): Promise<readonly Problem[]> {
  if (found.some(each => restorable.has(each.kind))) await mendRecords(room, found)
  if (found.some(each => each.kind === 'records-unreadable')) return await findProblems(room, options)
  const records = { ...options, depth: 'records' } as const
  await rewriteAltered(room, found, options)
  const content = await stillWrong(room, found, options)
  const problems = [...(await findProblems(room, records)), ...content]
  for (const parent of [room.driver.staging, recordStaging(room)]) sweepTemporaries(parent)
  await room.layers.table.lock.hold('write', () => dropStaleMounts(room))
  if (options.containers === 'remove') await removeAll(containersToRemove(room, problems), containerRemovals(room))
  if (options.images === 'remove') await removeAll(imagesToRemove(room, problems), id => removeImage(room, id))
  const kept = options.containers === 'remove' ? [] : lostContainers(room, id => isContainer(room, id))
  if (kept.length === 0) await removeUnreferenced(room, problems)
  await room.layers.table.change(async draft => {
    sweepIncomplete(room, draft)
    await room.images.table.lock.hold('write', () =>
      room.containers.table.lock.hold('write', () => removeUnused(room, draft, spare(problems, kept))),
    )
    dropEmptyRecords(room, draft)
    dropLostFiles(room, draft, content)
  })
  return [...(await findProblems(room, records)), ...content.filter(each => room.driver.has(each.subject))]
}

/** A layer whose data is whole is its own source. */
async function rewriteAltered(
  room: Room,
  found: readonly Problem[],
  call: Pick<RepairOptions, 'signal'>,
): Promise<void> {
  for (const id of subjects(found, kind => kind === 'layer-content-added' || kind === 'layer-attributes-wrong')) {
    const layer = room.layers.table.read().find(each => each.id === id)
    if (layer) await rewriteLayer(room, layer, call)
  }
}

/** What was found of layers' contents, without those that are right now. */
async function stillWrong(
  room: Room,
  found: readonly Problem[],
  call: Pick<RepairOptions, 'signal'>,
): Promise<readonly Problem[]> {
  const still: Problem[] = []
  for (const each of found.filter(({ kind }) => ofContent.has(kind))) {
    const layer = room.layers.table.read().find(({ id }) => id === each.subject)
    if (layer && (await contentProblems(room, layer, call)).length > 0) still.push(each)
  }
  return still
}

const isContainer = (room: Room, id: string): boolean => room.containers.table.read().some(each => each.id === id)

/** Without what containers without a record have left: nobody else can tell what it is worth. */
const spare = (problems: readonly Problem[], kept: readonly string[]): readonly Problem[] =>
  problems.filter(({ kind, subject }) => kind !== 'container-unused-files' || !kept.includes(basename(subject)))

function containersToRemove(room: Room, problems: readonly Problem[]): readonly string[] {
  const damaged = new Set(subjects(problems, kind => /^container-(?!unused)/.test(kind)))
  const images = new Set(damagedImages(room, problems))
  const layers = lostLayers(problems)
  return room.containers.table
    .read()
    .filter(each => damaged.has(each.id) || images.has(each.image) || standsOn(room, each.layer, layers))
    .map(each => each.id)
}

function imagesToRemove(room: Room, problems: readonly Problem[]): readonly string[] {
  const used = new Set(room.containers.table.read().map(each => each.image))
  return damagedImages(room, problems).filter(id => !used.has(id))
}

function damagedImages(room: Room, problems: readonly Problem[]): readonly string[] {
  const damaged = new Set(subjects(problems, kind => /^image-(?!unused|record)/.test(kind)))
  const layers = lostLayers(problems)
  return room.images.table
    .read()
    .filter(({ id, layer }) => damaged.has(id) || (layer !== undefined && standsOn(room, layer, layers)))
    .map(each => each.id)
}

const lostLayers = (problems: readonly Problem[]): ReadonlySet<string> =>
  new Set(subjects(problems, kind => lostLayer.has(kind)))

const subjects = (problems: readonly Problem[], is: (kind: ProblemKind) => boolean): readonly string[] =>
  problems.filter(each => is(each.kind)).map(each => each.subject)

async function removeAll(ids: readonly string[], remove: (id: string) => Promise<unknown>): Promise<void> {
  for (const id of ids) {
    await remove(id).catch(error => {
      if (!isStorageError(error, 'CONTAINER_UNKNOWN', 'IMAGE_UNKNOWN', 'IMAGE_IN_USE')) throw error
    })
  }
}

/** From the top: a parent is free once its child is gone. One that came into use meanwhile stays. */
async function removeUnreferenced(room: Room, problems: readonly Problem[]): Promise<void> {
  const ids = new Set(subjects(problems, kind => kind === 'layer-unreferenced'))
  for (let round = ids.size; round > 0 && ids.size > 0; round--) {
    for (const id of ids) {
      try {
        await removeLayer(room, id)
        ids.delete(id)
      } catch (error) {
        if (!isStorageError(error, 'LAYER_IN_USE', 'LAYER_UNKNOWN')) throw error
        if (error.code === 'LAYER_UNKNOWN') ids.delete(id)
      }
    }
  }
}

/** Under the locks a file without a record is nobody's: whoever makes one holds them. */
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
  const { home, imageHome } = room.driver
  if (![home, imageHome].includes(dirname(path))) {
    removeTree(path)
    return
  }
  using trash = makeTemporary(room.driver.staging)
  retireFiles(room, name, trash.path)
}

/** Wrong data is worse than none: a later pull then writes the layer anew. What is mounted is left to its user. */
function dropLostFiles(room: Room, draft: Draft<StoredLayer>, content: readonly Problem[]): void {
  const lost = subjects(content, kind => kind === 'layer-content-wrong')
  const free = lost.filter(id => draft.find(id) && !isBelowMount(room, id))
  if (free.length === 0) return
  using trash = makeTemporary(room.driver.staging)
  for (const id of free) retireFiles(room, id, trash.path)
}

/** A record without files that nobody needs stands for nothing: its id was damaged. */
function dropEmptyRecords(room: Room, draft: Draft<StoredLayer>): void {
  const used = referencedLayers(room)
  for (const { id } of draft.all()) if (!used.has(id) && !room.driver.has(id)) draft.drop(id)
  draft.save()
}
