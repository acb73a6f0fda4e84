import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '@libpod/storage'
import { randomBytes } from '@libpod/syscall'
import { newContainerId } from '../containers/names.ts'
import { LibpodError } from '../errors.ts'
import type { VolumeSpec } from '../spec/volume.ts'
import { timestamp } from '../timestamp.ts'
import { createImageStorage, isImageDriver, volumeImage } from './image.ts'
import { withVolume } from './lock.ts'
import { readVolumeOptions, recordedOptions, type VolumeOptions } from './options.ts'
import { createPluginVolume, getPluginVolume } from './plugins/client.ts'
import { pluginOf } from './plugins/find.ts'
import type { VolumeRooms } from './rooms.ts'
import { type StoredVolume, VolumeTable } from './table.ts'
import type { VolumeRecord } from './volumes.ts'

/** The directory that containers see. */
export const volumeDirectory = ({ options }: Pick<VolumeRooms, 'options'>, name: string): string =>
  join(options.volumePath, name, '_data')

/**
 * Makes a named volume; with `onNameConflict: 'ignore'` an existing one is given back as it is.
 * `found` in its plugin, it is only recorded. @throws LibpodError NAME_IN_USE, NAME_INVALID, SPEC_INVALID, VOLUME_PLUGIN_…
 */
export async function createVolume(
  rooms: VolumeRooms,
  spec: VolumeSpec,
  where: 'new' | 'found' = 'new',
): Promise<VolumeRecord> {
  const name = spec.name || randomBytes(32).toString('hex')
  const table = new VolumeTable(rooms.state.database)
  const existing = table.byName(name)
  if (existing && spec.onNameConflict === 'ignore') return recordOf(rooms, existing)
  checkName(name)
  const driver = spec.driver || 'local'
  const options = driver === 'local' ? readVolumeOptions(spec.options ?? {}) : unread
  checkDevice(options)
  checkQuota(options)
  const image = isImageDriver(rooms, driver) ? await volumeImage(rooms, spec) : undefined
  const volume = makeRecord(name, { ...spec, driver }, image ? { ...options, storageId: newContainerId() } : options)
  if (driver === 'local' || image) makeDirectory(rooms, volume)
  else if (where === 'new') await createInPlugin(rooms, volume)
  if (!table.insert(volume)) {
    if (spec.onNameConflict === 'ignore') return recordOf(rooms, table.find(name))
    throw new LibpodError('NAME_IN_USE', `volume with name ${name} already exists: volume already exists`, {
      subject: name,
    })
  }
  if (image)
    await withVolume(rooms, name, () => createImageStorage(rooms, volume, image)).catch((error: unknown) => {
      table.delete(name)
      throw error
    })
  await rooms.events.write({ type: 'volume', status: 'create', name })
  return recordOf(rooms, volume)
}

/** What another driver than `local` is told is its own. */
const unread: VolumeOptions = { type: '', device: '', mountOptions: [], copy: 'yes' }

/** Project quotas are not set here, and a limit that would not hold is refused. @throws LibpodError UNSUPPORTED */
function checkQuota({ quota }: VolumeOptions): void {
  if (quota) throw new LibpodError('UNSUPPORTED', 'volume options size and inodes are supported only with type=tmpfs')
}

/** One that the plugin keeps already is taken as it is. */
async function createInPlugin(rooms: VolumeRooms, { name, config }: StoredVolume): Promise<void> {
  const plugin = await pluginOf(rooms, config.driver).catch((cause: unknown) => {
    const text = `volume ${name} uses volume plugin ${config.driver} but it could not be retrieved`
    throw cause instanceof LibpodError ? new LibpodError(cause.code, `${text}: ${cause.message}`, { cause }) : cause
  })
  if (!plugin) return
  const kept = await getPluginVolume(plugin, name).catch(() => undefined)
  if (!kept) await createPluginVolume(plugin, name, config.options)
}

/** What is to be bound must be there already. */
function checkDevice({ type, device, mountOptions }: VolumeOptions): void {
  const binds = type === 'bind' || mountOptions.some(word => word === 'bind' || word === 'rbind')
  if (!binds || existsSync(device)) return
  const text = `invalid volume option device for driver 'local': faccessat ${device}: no such file or directory`
  throw new LibpodError('SPEC_INVALID', text, { subject: device })
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return
  const text = `running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`
  throw new LibpodError('NAME_INVALID', text, { subject: name })
}

function makeRecord(
  name: string,
  spec: VolumeSpec & { readonly driver: string },
  options: VolumeOptions & { readonly storageId?: string },
): StoredVolume {
  const { uid = options.uid, gid = options.gid } = spec
  return {
    name,
    created: Date.now(),
    config: {
      driver: spec.driver,
      labels: spec.labels ?? {},
      options: spec.driver === 'local' ? recordedOptions(spec.options ?? {}) : (spec.options ?? {}),
      anonymous: spec.anonymous ?? 'no',
      uid: uid ?? 0,
      gid: gid ?? 0,
      ...(options.storageId !== undefined && { storageId: options.storageId }),
    },
    status: {
      mountCount: 0,
      needsCopyUp: options.copy,
      needsChown: uid === undefined && gid === undefined ? 'yes' : 'no',
    },
  }
}

/** Made before the record: a record never points to nothing. A directory left by a volume that half went is emptied. */
function makeDirectory(rooms: VolumeRooms, { name, config }: StoredVolume): void {
  const directory = volumeDirectory(rooms, name)
  if (existsSync(directory) && !new VolumeTable(rooms.state.database).byName(name)) removeTree(directory)
  mkdirSync(join(directory, '..'), { recursive: true, mode: 0o700 })
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  chmodSync(directory, 0o755)
  if (config.uid !== 0 || config.gid !== 0) chownSync(directory, config.uid, config.gid)
}

export function recordOf(
  rooms: Pick<VolumeRooms, 'options'>,
  { name, created, config, status }: StoredVolume,
): VolumeRecord {
  const unused = config.storageId === undefined ? '' : volumeDirectory(rooms, name)
  return {
    name,
    driver: config.driver,
    mountPoint: config.driver === 'local' ? volumeDirectory(rooms, name) : (status.mountPoint ?? unused),
    createdAt: timestamp(new Date(created)),
    labels: config.labels,
    options: config.options,
    anonymous: config.anonymous,
    uid: status.owner?.uid ?? config.uid,
    gid: status.owner?.gid ?? config.gid,
    mountCount: status.mountCount,
    needsCopyUp: status.needsCopyUp,
    needsChown: status.needsChown,
    ...(config.storageId !== undefined && { storageId: config.storageId }),
  }
}
