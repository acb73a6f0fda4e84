import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DriverName, StoreOptions } from './config/options.ts'
import type { Driver } from './drivers/driver.ts'
import { driverSettings } from './drivers/settings.ts'
import { drivers } from './drivers/table.ts'
import { StorageError } from './errors.ts'
import { Lockfile } from './locks/lockfile.ts'
import { RecordFile } from './records/record-file.ts'
import type { StoredContainer, StoredImage, StoredLayer, StoredMount } from './records/stored.ts'
import { RecordTable, type Tidy } from './records/table.ts'

/** Files of one of the store's kinds of record. */
export interface Shelf<R extends { readonly id: string }> {
  /** `GR/DRV-images` and so on: big data lies in directories below it. */
  readonly directory: string
  readonly table: RecordTable<R>
}

/** Another store whose images and layers this one may use but not change. */
export interface ReadOnlyStore {
  readonly layers: Shelf<StoredLayer>
  readonly images: Shelf<StoredImage>
}

/** What the verbs of a store work with. */
export interface Room {
  readonly options: StoreOptions
  readonly driver: Driver
  /** `storage.lock`: around everything that mounts. */
  readonly graphLock: Lockfile
  /** Files in the order stable, volatile. */
  readonly layers: Shelf<StoredLayer>
  readonly images: Shelf<StoredImage>
  readonly containers: Shelf<StoredContainer>
  /** Only ever changed under the lock of `layers`. */
  readonly mounts: RecordTable<StoredMount>
  readonly containerRunDirectory: string
  readonly readOnly: readonly ReadOnlyStore[]
}

/** Gives back what the driver holds while nothing is mounted. */
export async function settleDriver({ driver, graphLock }: Pick<Room, 'driver' | 'graphLock'>): Promise<void> {
  if (driver.close) await graphLock.hold('write', () => driver.close?.())
}

/** Index of the volatile file among a shelf's, and of the image store's. */
export const volatileFile = 1
export const imageStoreFile = 2

export async function furnish(options: StoreOptions): Promise<Room> {
  const name = options.driver ?? findDriver(options)
  const { graphRoot, runRoot } = options
  if (!Object.hasOwn(drivers, name))
    throw new StorageError('DRIVER_UNKNOWN', `storage driver ${JSON.stringify(name)} is not supported`, {
      subject: name,
    })
  const driver = await drivers[name](driverSettings(name, options))
  const layerRun = options.transient === 'yes' ? runRoot : graphRoot
  const tidy = await import('./tidy.ts')
  const room: Room = {
    options,
    driver,
    graphLock: new Lockfile(join(graphRoot, 'storage.lock')),
    layers: shelf<StoredLayer>(join(graphRoot, `${name}-layers`), 'layers', {
      volatileAt: join(layerRun, `${name}-layers`),
      tidy: draft => tidy.tidyLayers(room, draft),
      ...(options.imageStore && { imagesAt: join(options.imageStore, `${name}-layers`) }),
    }),
    images: shelf<StoredImage>(join(options.imageStore ?? graphRoot, `${name}-images`), 'images', {
      tidy: draft => tidy.tidyImages(room, draft),
    }),
    containers: containerShelf(options, name),
    mounts: mountTable(join(runRoot, `${name}-layers`)),
    containerRunDirectory: join(runRoot, `${name}-containers`),
    readOnly: options.additionalImageStores.map(root => readOnlyStore(root, name)),
  }
  return room
}

interface ShelfOptions<R extends { readonly id: string }> {
  readonly volatileAt?: string
  readonly tidy?: Tidy<R>
  /** Where a separate image store keeps its own records of this kind. */
  readonly imagesAt?: string
}

function shelf<R extends { readonly id: string }>(
  directory: string,
  kind: string,
  { volatileAt, tidy, imagesAt }: ShelfOptions<R> = {},
): Shelf<R> {
  const files = [new RecordFile<R>(join(directory, `${kind}.json`))]
  if (volatileAt) files.push(new RecordFile<R>(join(volatileAt, `volatile-${kind}.json`), 'volatile'))
  if (imagesAt) files.push(new RecordFile<R>(join(imagesAt, `${kind}.json`)))
  const second = imagesAt ? new Lockfile(join(imagesAt, `${kind}.lock`)) : undefined
  const lock = new Lockfile(join(directory, `${kind}.lock`))
  return { directory, table: new RecordTable(lock, files, { tidy, second }) }
}

/** A transient store keeps every container, and the lock, below the run root. */
function containerShelf(options: StoreOptions, name: DriverName): Shelf<StoredContainer> {
  const at = join(options.transient === 'yes' ? options.runRoot : options.graphRoot, `${name}-containers`)
  return {
    ...shelf<StoredContainer>(at, 'containers', { volatileAt: at }),
    directory: join(options.graphRoot, `${name}-containers`),
  }
}

function mountTable(directory: string): RecordTable<StoredMount> {
  const lock = new Lockfile(join(directory, 'mountpoints.lock'))
  return new RecordTable(lock, [new RecordFile<StoredMount>(join(directory, 'mountpoints.json'), 'volatile')])
}

function readOnlyStore(root: string, name: DriverName): ReadOnlyStore {
  return {
    layers: shelf(join(root, `${name}-layers`), 'layers'),
    images: shelf(join(root, `${name}-images`), 'images'),
  }
}

/** What the graph root already holds, else overlay where the kernel has it. @throws StorageError OPTION_INVALID */
function findDriver(options: StoreOptions): DriverName {
  const prior = ['overlay', 'btrfs', 'zfs'].filter(name => existsSync(join(options.graphRoot, name)))
  if (prior.length > 1) {
    const text = `${options.graphRoot} holds layers of several drivers (${prior.join(', ')}): name one`
    throw new StorageError('OPTION_INVALID', text, { subject: options.graphRoot })
  }
  if (prior[0] && prior[0] !== 'overlay')
    throw new StorageError('DRIVER_UNKNOWN', `driver ${prior[0]} is not supported`)
  return 'overlay'
}
