import { parentPort, workerData } from 'node:worker_threads'
import { SyscallError, syncfs, threadUmask } from '@libpod/syscall'
import { mountDeep } from '../drivers/overlay/deep-mount.ts'
import { isStorageError } from '../errors.ts'
import { applyTar } from '../tar/apply.ts'
import { type Crc64, openCrc64 } from '../tar/crc64.ts'
import { type Original, reassembleInto } from '../tar/reassemble.ts'
import { Unpacker } from '../tar/unpack.ts'
import { unpackTar } from '../tar/unpack-tar.ts'
import { fileChunks } from './file-chunks.ts'
import type {
  ApplyJob,
  ApplyReport,
  Failure,
  MountJob,
  ReassembleJob,
  ReassembleReport,
  SyncJob,
  SyncReport,
  UnpackJob,
  UnpackReport,
} from './messages.ts'
import { drain, finishAwaited, give, type Ring, roomAwaited } from './ring.ts'

/** The file that the store's worker threads run; exported as `@libpod/storage/worker`. */

const progressEvery = 4 << 20
const pieceSize = 256 * 1024

if (isMountJob(workerData)) runMount(workerData)
else parentPort?.on('message', (job: Job) => void run(job))

type Job = ApplyJob | UnpackJob | ReassembleJob | SyncJob

function run(job: Job): Promise<void> | void {
  if (job.kind === 'apply') return runApply(job)
  if (job.kind === 'reassemble') return runReassemble(job)
  if (job.kind === 'sync') return runSync(job)
  return runUnpack(job)
}

function isMountJob(data: unknown): data is MountJob {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'mount'
}

function runMount({ request, port, done }: MountJob): void {
  try {
    mountDeep(request)
    port.postMessage({})
  } catch (error) {
    port.postMessage({ error })
  }
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
}

let crc: Crc64 | undefined
let umask: 'none' | 'unknown' | undefined

async function runApply({ target, from, port, stop }: ApplyJob): Promise<void> {
  const report = (message: ApplyReport): void => port.postMessage(message)
  crc ??= openCrc64()
  let told = 0
  let unpacked = 0
  const goOn = (): void => {
    if (Atomics.load(stop, 0) !== 0) throw new Error('stopped')
  }
  const tick = (read: number): void => {
    goOn()
    if (read - told < progressEvery) return
    told = read
    report({ kind: 'progress', read, unpacked })
  }
  const onUnpacked = (bytes: number): void => {
    unpacked += bytes
  }
  try {
    // Both in the checksum's memory, where nothing need be copied to be summed.
    const [input, output] = [crc.buffer.subarray(0, pieceSize), crc.buffer.subarray(pieceSize)]
    const chunks = 'path' in from ? fileChunks(from, input, goOn) : drainInto(from, input)
    report({
      kind: 'done',
      layer: await applyTar(
        { chunks, output, tick, onUnpacked },
        { ...target, unpack: { ...target.unpack, umask: ownUmask() } },
        crc,
      ),
    })
  } catch (error) {
    report(failed(error))
  }
}

/** Unpacks what another thread reads. Says so only when nothing is open any more. */
function runUnpack({ directory, unpack, ring, port }: UnpackJob): void {
  port.postMessage(unpackFrom(ring, new Unpacker(directory, { ...unpack, umask: ownUmask() })))
}

function unpackFrom(ring: Ring, unpacker: Unpacker): UnpackReport {
  try {
    unpackTar(drain(ring), unpacker)
    return { kind: 'unpacked', uids: unpacker.uids, gids: unpacker.gids }
  } catch (error) {
    return failed(error)
  } finally {
    unpacker[Symbol.dispose]()
  }
}

/** Sleeps for none of the tars, so that the others go on. */
async function runReassemble({ original, ring, port }: ReassembleJob): Promise<void> {
  port.postMessage(await reassembleThrough(ring, original))
}

/** The tar is put together where the other thread reads it. */
async function reassembleThrough(ring: Ring, original: Original): Promise<ReassembleReport> {
  try {
    let slot = await roomAwaited(ring)
    if (slot === undefined) return { kind: 'reassembled' }
    const given = slot
    for (const piece of reassembleInto(original, () => slot ?? given)) {
      give(ring, piece.length)
      slot = await roomAwaited(ring)
      if (slot === undefined) break
    }
    await finishAwaited(ring, 'complete')
    return { kind: 'reassembled' }
  } catch (error) {
    await finishAwaited(ring, 'broken')
    return failed(error)
  }
}

function runSync({ fd, port }: SyncJob): void {
  port.postMessage(synced(fd))
}

function synced(fd: number): SyncReport {
  try {
    syncfs(fd)
    return { kind: 'synced' }
  } catch (error) {
    const code = error instanceof SyscallError && error.code === 'ENOSPC' ? 'NO_SPACE' : 'IO'
    return { ...failed(error), code }
  }
}

const ownUmask = (): 'none' | 'unknown' => (umask ??= threadUmask(0) === 'own' ? 'none' : 'unknown')

function failed(error: unknown): Failure {
  const { code, subject, hint } = isStorageError(error) ? error : {}
  return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error), subject, hint }
}

/** The summed memory again: the ring is the other thread's. */
async function* drainInto(ring: Ring, buffer: Buffer): AsyncGenerator<Buffer> {
  for (const piece of drain(ring)) yield buffer.subarray(0, piece.copy(buffer))
}
