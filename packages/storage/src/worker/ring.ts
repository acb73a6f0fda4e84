const slots = 4
const slotSize = 256 * 1024

/** Shared memory through which one thread gives another a stream of bytes. */
export interface Ring {
  /** How many slots have been filled, how many emptied, and 1 once nobody empties them any more. */
  readonly control: Int32Array
  /** Bytes in each slot; 0 is the end, -1 the end of what will never be complete. */
  readonly lengths: Int32Array
  readonly bytes: Uint8Array
}

const [filled, emptied, abandoned] = [0, 1, 2]
/** How long either side sleeps before it looks again whether the other is still there, in milliseconds. */
const patience = 100

export function makeRing(): Ring {
  return {
    control: new Int32Array(new SharedArrayBuffer(12)),
    lengths: new Int32Array(new SharedArrayBuffer(4 * slots)),
    bytes: new Uint8Array(new SharedArrayBuffer(slots * slotSize)),
  }
}

/** Copies bytes into the ring, sleeping while it is full. What nobody will read any more is dropped. */
export function fill(ring: Ring, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + slotSize)
    const slot = emptySlot(ring)
    if (slot === undefined) return
    ring.bytes.set(piece, slot * slotSize)
    publish(ring, slot, piece.length)
    at += piece.length
  }
}

/** The same for a thread that must not sleep; says whether anybody still reads. */
export async function fillAwaited(ring: Ring, bytes: Uint8Array): Promise<'taken' | 'abandoned'> {
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + slotSize)
    const slot = await emptySlotAwaited(ring)
    if (slot === undefined) return 'abandoned'
    ring.bytes.set(piece, slot * slotSize)
    publish(ring, slot, piece.length)
    at += piece.length
  }
  return 'taken'
}

/** The next slot, once it is empty, to be written into where it is; nothing when nobody reads any more. */
export async function roomAwaited(ring: Ring): Promise<Buffer | undefined> {
  const slot = await emptySlotAwaited(ring)
  return slot === undefined ? undefined : Buffer.from(ring.bytes.buffer, slot * slotSize, slotSize)
}

/** Gives on what was written into that slot. */
export function give(ring: Ring, length: number): void {
  publish(ring, Atomics.load(ring.control, filled) % slots, length)
}

/** Says that no more will come. */
export function finish(ring: Ring, as: 'complete' | 'broken'): void {
  const slot = emptySlot(ring)
  if (slot !== undefined) publish(ring, slot, as === 'complete' ? 0 : -1)
}

export async function finishAwaited(ring: Ring, as: 'complete' | 'broken'): Promise<void> {
  const slot = await emptySlotAwaited(ring)
  if (slot !== undefined) publish(ring, slot, as === 'complete' ? 0 : -1)
}

/** Nobody empties it any more. */
export function abandon({ control }: Ring): void {
  Atomics.store(control, abandoned, 1)
  Atomics.notify(control, emptied)
}

function publish({ control, lengths }: Ring, slot: number, length: number): void {
  lengths[slot] = length
  Atomics.add(control, filled, 1)
  Atomics.notify(control, filled)
}

function emptySlot(ring: Ring): number | undefined {
  for (;;) {
    const found = look(ring)
    if ('taken' in found) Atomics.wait(ring.control, emptied, found.taken, patience)
    else return found.slot
  }
}

async function emptySlotAwaited(ring: Ring): Promise<number | undefined> {
  for (;;) {
    const found = look(ring)
    if ('taken' in found) await Atomics.waitAsync(ring.control, emptied, found.taken, patience).value
    else return found.slot
  }
}

/** The slot to fill, none when nobody empties them any more; or, of a full ring, how many have been taken so far. */
function look({ control }: Ring): { readonly slot: number | undefined } | { readonly taken: number } {
  if (Atomics.load(control, abandoned) !== 0) return { slot: undefined }
  const [given, taken] = [Atomics.load(control, filled), Atomics.load(control, emptied)]
  return given - taken < slots ? { slot: given % slots } : { taken }
}

/**
 * The bytes, for a thread that must not sleep; each piece good until the next is asked for. Ends the ring whenever the reader
 * stops, and the bytes when they end broken or the other thread is no longer `alive`: how it went must be asked elsewhere.
 */
export async function* drainAwaited(ring: Ring, alive: () => boolean): AsyncGenerator<Buffer> {
  const { control, lengths, bytes } = ring
  try {
    for (let taken = 0; ; taken++) {
      while (Atomics.load(control, filled) === taken) {
        if (!alive()) return
        await Atomics.waitAsync(control, filled, taken, patience).value
      }
      const slot = taken % slots
      const length = lengths[slot] ?? 0
      if (length <= 0) return
      yield Buffer.from(bytes.buffer, slot * slotSize, length)
      Atomics.add(control, emptied, 1)
      Atomics.notify(control, emptied)
    }
  } finally {
    abandon(ring)
  }
}

/** The bytes, each piece good until the next is asked for. Ends the ring whenever the reader stops. @throws Error when they end broken */
export function* drain(ring: Ring): Generator<Buffer> {
  const { control, lengths, bytes } = ring
  try {
    for (let taken = 0; ; taken++) {
      while (Atomics.load(control, filled) === taken) Atomics.wait(control, filled, taken, patience)
      const slot = taken % slots
      const length = lengths[slot] ?? 0
      if (length < 0) throw new Error('the layer ended too early')
      if (length === 0) return
      yield Buffer.from(bytes.buffer, slot * slotSize, length)
      Atomics.add(control, emptied, 1)
      Atomics.notify(control, emptied)
    }
  } finally {
    abandon(ring)
  }
}
