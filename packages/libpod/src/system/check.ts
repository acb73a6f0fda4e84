import { checkStore, type Problem, type ProblemKind, repairStore, type Store } from '@libpod/storage'
import type { Call } from '../spec/call.ts'
import type { SystemRooms } from './rooms.ts'
import type { CheckReport, Damage, System } from './system.ts'

type Options = Parameters<System['check']>[0] & Call

const day = 24 * 60 * 60 * 1000

/** What Podman calls each problem; those it does not look for keep the store's own words. */
const wordings: Partial<Record<ProblemKind, string>> = {
  'layer-files-missing': 'layer content incorrect digest: checksum failed',
  'layer-content-wrong': 'layer content incorrect digest: checksum failed',
  'layer-content-added': 'layer content modified',
  'layer-attributes-wrong': 'layer content modified',
  'layer-data-missing': 'layer data item is missing',
  'layer-parent-missing': 'layer is missing',
  'layer-unreferenced': 'layer not referenced by any images or containers',
  'layer-unused-files': 'layer in lower level storage driver not accounted for',
  'image-layer-missing': 'image layer is missing',
  'image-data-missing': 'image data item is missing',
  'image-data-wrong': 'image data item has incorrect content or record',
  'container-layer-missing': 'layer is missing',
  'container-image-missing': 'image missing',
  'container-data-missing': 'container data item is missing',
  'container-data-wrong': 'container data item has incorrect content or record',
}

/**
 * Looks through the store; repairing removes damaged images that no container uses and what nobody needs, with `lossy` the
 * damaged containers and those on damaged images too.
 */
export async function checkSystem(rooms: SystemRooms, options: Options): Promise<CheckReport> {
  const store = await rooms.store()
  const { repair, quick, maxAgeMs = day, signal } = options
  const call = { unreferencedFor: maxAgeMs, ...(signal && { signal }) }
  const problems = await checkStore(store, { ...call, depth: quick === 'yes' ? 'records' : 'content' })
  const damages = problems.map(toDamage)
  if (repair === 'no' || problems.length === 0) return { damages, removedImages: [], removedContainers: [] }
  // Records first: what was only told wrong of is whole, and stays; and what was not to be read can be asked.
  const left = await repairStore(store, problems, call)
  const before = await contents(store)
  if (repair === 'lossy') await removeOwn(rooms, await doomed(store, left))
  await repairStore(store, left, { ...call, images: 'remove', containers: repair === 'lossy' ? 'remove' : 'keep' })
  const after = await contents(store)
  const gone = (kind: 'images' | 'containers') => before[kind].filter(id => !after[kind].includes(id))
  return { damages, removedImages: gone('images'), removedContainers: gone('containers') }
}

function toDamage({ kind, subject, detail }: Problem): Damage {
  const about = aboutWhat(kind)
  const id = about === 'records file' ? subject : (/[0-9a-f]{64}/.exec(subject)?.[0] ?? subject)
  const wording = wordings[kind]
  return { about, id, text: `${about} ${id}: ${wording === undefined ? detail : `${detail}: ${wording}`}` }
}

function aboutWhat(kind: ProblemKind): Damage['about'] {
  if (kind === 'records-unreadable') return 'records file'
  const of = /^(image|container)-/.exec(kind)?.[1]
  return of === 'image' || of === 'container' ? of : 'layer'
}

async function contents(store: Store) {
  const [images, containers] = await Promise.all([store.images.list(), store.containers.list()])
  return { images: images.map(each => each.id), containers: containers.map(each => each.id) }
}

/** Containers that are damaged or stand on a damaged image or layer. */
async function doomed(store: Store, problems: readonly Problem[]): Promise<readonly string[]> {
  const damaged = new Set(problems.filter(each => !each.kind.endsWith('-unused-files')).map(each => each.subject))
  const layers = new Map((await store.layers.list()).map(layer => [layer.id, layer]))
  const isDamaged = (top: string | undefined): boolean => {
    for (let id = top; id !== undefined; id = layers.get(id)?.parent)
      if (damaged.has(id) || !layers.has(id)) return true
    return false
  }
  const images = (await store.images.list()).filter(each => damaged.has(each.id) || isDamaged(each.layer))
  const bad = new Set(images.map(each => each.id))
  const containers = await store.containers.list()
  return containers
    .filter(each => damaged.has(each.id) || bad.has(each.image) || isDamaged(each.layer))
    .map(each => each.id)
}

/** Our own containers go with their records in the engine's state; the store's repair takes the others. */
async function removeOwn(rooms: SystemRooms, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (await rooms.containers.exists(id))
      await rooms.containers.remove(id, { running: 'kill', dependents: 'remove', timeout: 0 })
  }
}
