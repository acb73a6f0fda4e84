import { join } from 'node:path'
import { openStore, type Store } from '@libpod/storage'
import { type Teardown, tempDir } from '@libpod/test-kit'
import type { ResolvedOptions } from '../../src/engine.ts'
import { createEvents } from '../../src/events/service.ts'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Images } from '../../src/images/images.ts'
import type { ImageRooms } from '../../src/images/rooms.ts'
import { createImages } from '../../src/images/service.ts'
import { runcCli } from '../../src/runtimes/runc-cli.ts'

/** The images of a store of their own, with an event log; there are no containers but the store's. */
export interface ImageRoom {
  readonly images: Images
  readonly rooms: ImageRooms
  readonly store: Store
  readonly directory: string
}

export async function imageRoom(
  t: Teardown,
  options: { readonly driver?: 'overlay' | 'vfs' } = {},
): Promise<ImageRoom> {
  const directory = await tempDir(t, 'images')
  const graphRoot = join(directory, 'root')
  const store = await openStore({
    graphRoot,
    runRoot: join(directory, 'runroot'),
    driver: options.driver ?? 'overlay',
    driverOptions: [],
    additionalImageStores: [],
    transient: 'no',
    sync: 'none',
    pullOptions: {},
    autoUserns: { minSize: 0, maxSize: 0 },
    files: [],
  })
  t.teardown(() => store.close())
  const rooms = {
    options: { staticDir: join(graphRoot, 'libpod'), root: graphRoot } as ResolvedOptions,
    config: { containers: { ulimits: [] } } as unknown as ImageRooms['config'],
    store: () => Promise.resolve(store),
    events: createEvents({ backend: 'file', uid: 0, path: join(directory, 'events.log'), maxBytes: 1_000_000 }),
    containers: { exists: () => Promise.resolve(false) } as unknown as ImageRooms['containers'],
    volumes: { list: () => Promise.resolve([]) } as unknown as ImageRooms['volumes'],
    runtime: runcCli('/nonexistent/runc', { runtimeFlags: [], rootless: 'no' }),
    host: readHostFacts(),
  }
  return { images: createImages(rooms), rooms, store, directory }
}
