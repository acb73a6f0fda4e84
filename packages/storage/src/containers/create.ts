import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from '../call.ts'
import { StorageError } from '../errors.ts'
import { needImage } from '../images/find.ts'
import { markUsed } from '../images/last-used.ts'
import { createLayer } from '../layers/create.ts'
import { storedLayer } from '../layers/find.ts'
import { randomId } from '../random-id.ts'
import { present, toContainer, toStoredMappings } from '../records/convert.ts'
import { checkId, uniqueNames } from '../records/id.ts'
import type { ContainerFlags, StoredContainer, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import { type Room, volatileFile } from '../room.ts'
import type { ContainerRecord, CreateStorageContainer } from './containers.ts'

/** Makes the container's layer and directories and records it, under the layers' and the containers' locks. */
export async function createContainer(
  room: Room,
  as: CreateStorageContainer,
  call: Pick<Call, 'signal'> = {},
): Promise<ContainerRecord> {
  const { signal } = call
  const mapped = await mappedParent(room, as, call)
  return await room.layers.table.change(
    layers =>
      room.containers.table.change(containers => {
        const id = checkId(as.id ?? randomId())
        checkFree(containers, id, as.names ?? [])
        const image = as.image ? needImage(room, as.image).image : undefined
        const layer =
          as.layer === undefined
            ? freshLayer(room, layers, { as, parent: mapped ?? image?.layer })
            : needOwn(room, as.layer)
        const record = plan(as, { id, layer: layer.id, image: image?.id ?? '' })
        containers.insert(record, room.options.transient === 'yes' || as.volatile === 'yes' ? volatileFile : 0)
        containers.save()
        if (image) markUsed(room, image.id)
        // After the record: a directory that no record names belongs to nobody.
        for (const directory of userDirectories(room, id)) mkdirSync(directory, { recursive: true, mode: 0o700 })
        return toContainer(record)
      }, signal),
    signal,
  )
}

/** The image's layer with shifted owners, where the container's ids are shifted and mounts cannot show them so. */
async function mappedParent(
  room: Room,
  as: CreateStorageContainer,
  call: Pick<Call, 'signal'>,
): Promise<string | undefined> {
  if (!as.mappings || !as.image || as.layer !== undefined || room.driver.can.idmap) return undefined
  const { mappedTop } = await import('../idmap/mapped-layer.ts')
  return await mappedTop(room, needImage(room, as.image).image, { ...as.mappings, ...call })
}

/** The caller's own directories: the lasting one and the one that ends with the boot. */
export function userDirectories(room: Room, id: string): readonly [string, string] {
  return [join(room.containers.directory, id, 'userdata'), join(room.containerRunDirectory, id, 'userdata')]
}

function checkFree(draft: Draft<StoredContainer>, id: string, names: readonly string[]): void {
  if (draft.find(id)) throw new StorageError('ID_IN_USE', `a container with id ${id} exists already`, { subject: id })
  const owner = draft.all().find(each => each.names?.some(name => names.includes(name)))
  if (!owner) return
  const name = owner.names?.find(each => names.includes(each))
  throw new StorageError('NAME_IN_USE', `the container name ${name} is in use by ${owner.id}`, { subject: owner.id })
}

function needOwn(room: Room, id: string): StoredLayer {
  const layer = storedLayer(room, id)
  if (layer) return layer
  throw new StorageError('LAYER_UNKNOWN', `layer ${id} is not known`, { subject: id })
}

interface Wanted {
  readonly as: CreateStorageContainer
  readonly parent: string | undefined
}

function freshLayer(room: Room, draft: Draft<StoredLayer>, { as, parent }: Wanted): StoredLayer {
  return createLayer(room, draft, {
    ...(parent !== undefined && { parent }),
    ...(as.mountLabel && { mountLabel: as.mountLabel }),
    ...(as.mappings && { mappings: as.mappings }),
    volatile: room.options.transient === 'yes' || as.volatile === 'yes' ? 'yes' : 'no',
  })
}

function plan(as: CreateStorageContainer, made: { id: string; layer: string; image: string }): StoredContainer {
  const names = uniqueNames(as.names ?? [])
  return present<StoredContainer>({
    id: made.id,
    names: names.length ? names : undefined,
    image: made.image,
    layer: made.layer,
    metadata: as.metadata || undefined,
    created: new Date().toISOString(),
    uidmap: as.mappings?.uids.length ? toStoredMappings(as.mappings.uids) : undefined,
    gidmap: as.mappings?.gids.length ? toStoredMappings(as.mappings.gids) : undefined,
    flags: present<ContainerFlags>({
      MountLabel: as.mountLabel ?? '',
      ProcessLabel: as.processLabel ?? '',
      MountOpts: as.mountOptions?.length ? as.mountOptions : undefined,
      Volatile: as.volatile === 'yes' ? true : undefined,
    }),
  })
}
