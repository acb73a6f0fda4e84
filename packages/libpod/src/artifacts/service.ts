import { deleteImage } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { ImageRooms } from '../images/rooms.ts'
import type { Artifacts, RemoveArtifactOptions } from './artifacts.ts'
import type { ArtifactStore, HeldArtifact } from './store.ts'

/** The artifacts of an engine; nothing is opened or made before the first call. */
export function createArtifacts(rooms: ImageRooms): Artifacts {
  const open = async (): Promise<ArtifactStore> => new (await import('./store.ts')).ArtifactStore(rooms.options.root)
  return {
    add: async (name, files, options) => (await import('./add.ts')).addArtifact(await open(), name, files, options),
    extract: async (name, target, options) =>
      (await import('./extract.ts')).extractArtifact(await open(), name, target, options),
    files: async (name, options) => (await import('./extract.ts')).artifactFiles(await open(), name, options),
    async inspect(name) {
      const store = await open()
      return plain(await store.hold('read', () => store.find(name)))
    },
    async list() {
      const store = await open()
      return (await store.hold('read', () => store.list())).map(plain)
    },
    pull: async (name, options) => (await import('./transfer.ts')).pullArtifact(rooms, await open(), name, options),
    push: async (name, options) => (await import('./transfer.ts')).pushArtifact(rooms, await open(), name, options),
    remove: async (names, options) => removeArtifacts(await open(), names, options),
  }
}

const plain = ({ reference: _, layers: __, parsed: ___, ...artifact }: HeldArtifact) => artifact

async function removeArtifacts(
  store: ArtifactStore,
  names: readonly string[],
  { which, missing }: RemoveArtifactOptions = {},
): Promise<readonly string[]> {
  return store.hold('write', async () => {
    const wanted = which === 'all' ? (await store.list()).map(({ digest }) => digest.slice('sha256:'.length)) : names
    const removed: string[] = []
    for (const name of wanted) {
      const found = await store.find(name).catch((error: unknown) => {
        if (missing === 'ignore' && error instanceof LibpodError && error.code === 'ARTIFACT_UNKNOWN') return undefined
        throw error
      })
      if (found === undefined) continue
      await deleteImage(found.reference)
      removed.push(found.digest)
    }
    return removed
  })
}
