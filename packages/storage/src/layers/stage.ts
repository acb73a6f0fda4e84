import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes, Call, FileRange } from '../call.ts'
import type { Room } from '../room.ts'
import type { UnpackOptions } from '../tar/unpack-options.ts'
import type { ApplyProgress } from '../worker/messages.ts'
import { type Commit, commitLayers, replaceLayer } from './commit.ts'
import { deviceOf, type Writing } from './device.ts'
import type { AppliedLayer, CommitLayer, HeldContents, Layer, LayerToCommit, StagedLayer } from './layers.ts'
import { recordStaging } from './sweep.ts'
import { makeTemporary, sweepTemporaries, type TemporaryDirectory } from './temporary.ts'

/** Stores whose dead owners' directories this process has removed already. */
const swept = new Set<string>()

/** Begins a layer in a directory of its own, which is gone when its owner is. */
export function stageLayer(room: Room, _call?: Call): StagedLayer {
  const { staging } = room.driver
  const records = recordStaging(room)
  if (!swept.has(staging)) for (const parent of [staging, records]) sweepTemporaries(parent)
  swept.add(staging)
  using made = new DisposableStack()
  const staged = new Staged(room, [made.use(makeTemporary(staging)), made.use(makeTemporary(records))])
  made.move()
  return staged
}

/** Layers of one store, staged by it, each after the one it lies on: recorded in one change. */
export async function commitStaged(room: Room, layers: readonly LayerToCommit[]): Promise<readonly Layer[]> {
  return await commitLayers(
    room,
    layers.map(({ staged, as }) => readyIn(room, staged, as)),
  )
}

function readyIn(room: Room, staged: StagedLayer, as: CommitLayer): Commit {
  if (!(staged instanceof Staged) || !staged.isOf(room)) throw new TypeError('a layer that this store did not stage')
  return staged.ready(as)
}

/** A staged layer's files take the place of those that its layer has; unless that is mounted. */
export async function replaceByStaged(room: Room, { staged, as }: LayerToCommit): Promise<void> {
  await replaceLayer(room, readyIn(room, staged, as))
}

class Staged implements StagedLayer {
  readonly #room: Room
  readonly #temporaries: readonly [files: TemporaryDirectory, record: TemporaryDirectory]
  #applied: AppliedLayer | undefined
  readonly #writing: Writing | undefined

  constructor(room: Room, temporaries: readonly [files: TemporaryDirectory, record: TemporaryDirectory]) {
    this.#room = room
    this.#temporaries = temporaries
    this.#writing = room.options.sync === 'filesystem' ? deviceOf(room.driver.staging).join() : undefined
  }

  async apply(tar: Bytes | FileRange, call?: Call<number>): Promise<AppliedLayer> {
    const { directory, tarSplit } = this.#paths
    mkdirSync(directory, { mode: this.#room.driver.name === 'vfs' ? 0o755 : 0o555 })
    const { applyInThread } = await import('../worker/pool.ts')
    const target = { directory, tarSplit, unpack: unpackOptions(this.#room) }
    const onProgress = ({ read, unpacked }: ApplyProgress): void => {
      this.#writing?.reached(unpacked)
      call?.onProgress?.(read)
    }
    this.#applied = await applyInThread(tar, target, { ...call, onProgress })
    this.#writing?.ended()
    return this.#applied
  }

  async linkFiles(contents: HeldContents, files: ReadonlyMap<string, string>): Promise<number> {
    if (this.#applied === undefined) throw new TypeError('linkFiles before apply')
    const [{ FoundContents }, { linkFiles }] = await Promise.all([import('./contents.ts'), import('./link-files.ts')])
    if (!(contents instanceof FoundContents)) throw new TypeError('contents that no store found')
    const saved = linkFiles(this.#paths.directory, contents, files)
    this.#writing?.ended()
    return saved
  }

  async commit(as: CommitLayer): Promise<Layer> {
    const [layer] = await commitLayers(this.#room, [this.ready(as)])
    return layer as Layer
  }

  isOf(room: Room): boolean {
    return this.#room === room
  }

  ready(as: CommitLayer): Commit {
    if (this.#applied === undefined) throw new TypeError('commit before apply')
    return { unpacked: { ...this.#paths, writing: this.#writing, applied: this.#applied }, as }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writing?.[Symbol.dispose]()
    for (const each of this.#temporaries) each[Symbol.dispose]()
  }

  get #paths() {
    const [files, record] = this.#temporaries
    return { directory: join(files.path, '0-diff'), tarSplit: join(record.path, '0-tar-split.gz') }
  }
}

/** Beyond any honest layer; what does not fit the device is the device's to say. */
const mostEntries = 4_000_000

/** How the store's layers are written. */
export function unpackOptions({ driver, options }: Room): UnpackOptions {
  const ignore = options.driverOptions.some(each => /(?:^|\.)ignore_chown_errors=true$/.test(each))
  return {
    opaqueAttribute: driver.opaqueAttribute,
    rootEntry: driver.name === 'vfs' ? 'apply' : 'ignore',
    userNamespace: driver.opaqueAttribute.startsWith('user.') ? 'yes' : 'no',
    chownErrors: ignore ? 'ignore' : 'report',
    whiteouts: 'layer',
    existing: 'refuse',
    mostEntries,
    mostBytes: Number.MAX_SAFE_INTEGER,
  }
}
