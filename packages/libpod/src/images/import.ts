import { open } from 'node:fs/promises'
import { type AppliedLayer, chainId, type Layer, type Store } from '@libpod/storage'
import type { Call } from '../spec/call.ts'
import { timestamp } from '../timestamp.ts'
import { readChanges } from './changes.ts'
import { download, isWebAddress } from './download.ts'
import type { ImportOptions, PullEvent } from './images.ts'
import { goArchitecture } from './lookup.ts'
import { newName } from './names.ts'
import { recordImage, whileLayersGo } from './record.ts'
import type { ImageRooms } from './rooms.ts'

/**
 * Makes an image of one layer from a root file system's tar: a path, an http(s) address, or `-` for standard input. The id.
 * @throws LibpodError SPEC_INVALID, NAME_INVALID; StorageError of the tar
 */
export async function importImage(
  rooms: ImageRooms,
  source: string,
  options: ImportOptions & Call<PullEvent> = {},
): Promise<string> {
  const store = await rooms.store()
  const names = options.name === undefined ? [] : [newName(options.name)]
  const config = readChanges(options.changes ?? [])
  await using tar = await openTar(source, options.signal)
  const make = async () => {
    const { applied, layer } = await addLayer(store, tar.content, options)
    const created = timestamp()
    const document = documentOf({ created, options, config, diffId: applied.diffId })
    const { digest, size, compression } = describe(applied)
    return await recordImage(store, {
      layers: [{ digest, size, compression }],
      topLayer: layer.id,
      config: Buffer.from(JSON.stringify(document)),
      format: 'oci',
      names,
      created,
    })
  }
  // What was read from standard input is gone.
  const image = await (source === '-' ? make() : whileLayersGo(make))
  await rooms.events.write({ type: 'image', status: 'import', id: image.id, ...(names[0] && { name: names[0] }) })
  return image.id
}

type Content = Parameters<Awaited<ReturnType<Store['layers']['stage']>>['apply']>[0]

async function addLayer(
  store: Store,
  content: Content,
  { signal, onProgress }: Call<PullEvent>,
): Promise<{ readonly applied: AppliedLayer; readonly layer: Layer }> {
  const call = signal ? { signal } : {}
  await using staged = await store.layers.stage(call)
  const blob = { digest: 'sha256:', kind: 'layer' as const, size: -1 }
  onProgress?.({ type: 'blob-start', ...blob })
  const told = onProgress && {
    onProgress: (transferred: number) => onProgress({ type: 'blob-progress', ...blob, transferred }),
  }
  const applied = await staged.apply(content, { ...call, ...told })
  const { diffId, compressedDigest, compressedSize } = applied
  onProgress?.({ type: 'blob-done', digest: compressedDigest, kind: 'layer', size: compressedSize })
  return { applied, layer: await staged.commit({ id: chainId(undefined, diffId), compressedDigest, compressedSize }) }
}

function describe({ compressedDigest, compressedSize, compression }: AppliedLayer) {
  const known = compression === 'gzip' || compression === 'zstd' ? compression : 'none'
  return { digest: compressedDigest, size: compressedSize, compression: known } as const
}

interface Document {
  readonly created: string
  readonly options: ImportOptions
  readonly config: object
  readonly diffId: string
}

function documentOf({ created, options, config, diffId }: Document): object {
  const { platform = {}, message } = options
  return {
    created,
    architecture: platform.architecture ?? goArchitecture(),
    ...(platform.variant !== undefined && { variant: platform.variant }),
    os: platform.os ?? 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [
      {
        created,
        created_by: `/bin/sh -c #(nop) ADD file:${diffId.slice('sha256:'.length)} in /`,
        comment: message || 'imported from tarball',
      },
    ],
  }
}

interface Tar extends AsyncDisposable {
  readonly content: Content
}

async function openTar(source: string, signal: AbortSignal | undefined): Promise<Tar> {
  if (source === '-') return { content: process.stdin, [Symbol.asyncDispose]: async () => undefined }
  if (isWebAddress(source)) {
    const file = await download(source, signal)
    return { content: { path: file.path }, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() }
  }
  // What cannot be opened is told here: an error of the worker would no longer say of which file it is.
  await (await open(source)).close()
  return { content: { path: source }, [Symbol.asyncDispose]: async () => undefined }
}
