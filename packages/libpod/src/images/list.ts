import type { ImageRecord, Store } from '@libpod/storage'
import { type Catalog, readCatalog } from './catalog.ts'
import { type FilterWorld, imageTest } from './filters.ts'
import type { ImageListOptions, ImageSummary } from './images.ts'
import { locateImage } from './lookup.ts'
import { repositoryDigests } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { missingDocument } from './stored-image.ts'
import { usersOf } from './users.ts'

/** Images by filters, from the record files and configs alone. @throws LibpodError SPEC_INVALID, IMAGE_UNKNOWN */
export async function listImages(rooms: ImageRooms, options: ImageListOptions = {}): Promise<readonly ImageSummary[]> {
  const store = await rooms.store()
  const world = await filterWorld(rooms, options.filters ?? {})
  const { catalog } = world
  const test = await imageTest(shownByDefault(options), world)
  const named = options.names?.length ? await namedImages(rooms, options.names) : await everyCopy(rooms)
  const passed: ImageRecord[] = []
  for (const image of named) if (await test(image)) passed.push(image)
  return Promise.all(passed.map(image => summarize(catalog, image, { store, containers: world.containers(image) })))
}

/** Intermediate images are left out unless asked for. */
function shownByDefault({ filters = {}, which }: ImageListOptions) {
  const asked = which === 'all' || filters.intermediate?.includes('true')
  return asked ? filters : { ...filters, intermediate: ['false', ...(filters.intermediate ?? [])] }
}

/** An image that is in an additional store as well is shown twice. */
const everyCopy = async (rooms: ImageRooms) => (await rooms.store()).images.list({ copies: 'all' })

async function namedImages(rooms: ImageRooms, names: readonly string[]): Promise<readonly ImageRecord[]> {
  const found = await Promise.all(names.map(name => locateImage(rooms, name, { lists: 'list' })))
  return [...new Map(found.map(({ record }) => [record.id, record])).values()]
}

/** What filters look at. Only `containers=external` needs the engine's own container list. */
export async function filterWorld(
  rooms: ImageRooms,
  filters: ImageListOptions['filters'] = {},
): Promise<FilterWorld & { readonly catalog: Catalog }> {
  const store = await rooms.store()
  const [catalog, users] = await Promise.all([
    readCatalog(store),
    usersOf(rooms, { external: filters.containers?.includes('external') ? 'told-apart' : 'unknown' }),
  ])
  return {
    catalog,
    find: async name => (await locateImage(rooms, name, { lists: 'list' }).catch(() => undefined))?.record,
    lastUsed: async image => (await store.images.lastUsed(image.id)).getTime(),
    containers: image => users.get(image.id)?.length ?? 0,
    onlyExternal: image => (users.get(image.id) ?? []).every(user => user.external === 'yes'),
  }
}

async function summarize(
  catalog: Catalog,
  image: ImageRecord,
  { store, containers }: { readonly store: Store; readonly containers: number },
): Promise<ImageSummary> {
  const [damage, list, document, parent] = await Promise.all([
    missingDocument(store, image),
    catalog.isList(image),
    catalog.document(image),
    catalog.parent(image),
  ])
  return {
    id: image.id,
    names: image.names,
    digest: image.digest ?? '',
    digests: repositoryDigests(image.names, image.digests),
    parentId: parent?.id ?? '',
    created: Math.floor(Date.parse(image.created) / 1000),
    size: catalog.size(image),
    sharedSize: 0,
    labels: document?.config.labels ?? {},
    containers,
    history: image.namesHistory,
    readOnly: image.readOnly,
    dangling: (await catalog.isDangling(image)) ? 'yes' : 'no',
    manifestList: list ? 'yes' : 'no',
    architecture: document?.config.architecture ?? '',
    os: document?.config.os ?? '',
    ...(damage !== undefined && { damage }),
  }
}
