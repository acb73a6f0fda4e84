import { parentPort, workerData } from 'node:worker_threads'
import { MNT_DETACH, MS_BIND, mount, umount } from '@libpod/syscall'

/** Binds a directory on itself and takes that away, as programs do that start and end, until it is told to stop. */

const { home, stop } = workerData as { readonly home: string; readonly stop: Int32Array }
parentPort?.postMessage('begins')
while (Atomics.load(stop, 0) === 0) {
  mount(home, home, 'none', MS_BIND)
  umount(home, MNT_DETACH)
}
