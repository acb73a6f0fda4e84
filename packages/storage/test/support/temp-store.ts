import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import { openStore, type Store, type StoreOptions } from '../../src/index.ts'

interface Test {
  teardown(cleanup: () => Promise<void>): void
}

export interface TempStore {
  readonly directory: string
  readonly options: StoreOptions
  readonly store: Store
}

/** A store of its own for one test. */
export async function tempStore(t: Test, changes: Partial<StoreOptions> = {}): Promise<TempStore> {
  const directory = await tempDir(t, 'storage')
  const options: StoreOptions = {
    graphRoot: join(directory, 'root'),
    runRoot: join(directory, 'run'),
    driver: 'overlay',
    driverOptions: [],
    additionalImageStores: [],
    transient: 'no',
    sync: 'none',
    pullOptions: {},
    autoUserns: { minSize: 1024, maxSize: 65_536 },
    files: [],
    ...changes,
  }
  const store = await openStore(options)
  t.teardown(() => store.close())
  return { directory, options, store }
}
