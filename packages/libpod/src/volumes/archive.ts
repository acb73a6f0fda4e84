import { packTree, unpackArchive } from '@libpod/storage'
import type { Call } from '../spec/call.ts'
import { mountVolume, unmountVolume } from './mount.ts'

type Rooms = Parameters<typeof mountVolume>[0]

/** The volume's files as a tar. @throws LibpodError VOLUME_UNKNOWN */
export async function* exportVolume(rooms: Rooms, name: string, call: Call = {}): AsyncGenerator<Uint8Array> {
  const directory = await mountVolume(rooms, name)
  try {
    for await (const piece of packTree(directory, {})) {
      call.signal?.throwIfAborted()
      yield piece
    }
  } finally {
    await unmountVolume(rooms, name)
  }
}

/** Unpacks a tar (plain or compressed) over what the volume holds; nothing is written outside. @throws LibpodError VOLUME_UNKNOWN; StorageError ARCHIVE_… */
export async function importVolume(
  rooms: Rooms,
  name: string,
  tar: AsyncIterable<Uint8Array>,
  call: Call = {},
): Promise<void> {
  const directory = await mountVolume(rooms, name)
  try {
    await unpackArchive(directory, tar, call.signal ? { signal: call.signal } : {})
  } finally {
    await unmountVolume(rooms, name)
  }
}
