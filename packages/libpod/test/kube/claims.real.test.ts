import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { busyboxTar, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { makeClaim } from '../../src/kube/claims.ts'
import type { Rooms } from '../../src/rooms.ts'
import { openTestEngine } from '../containers/engine.ts'

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })
}

test('filling a claim ends when the caller gives up, and neither the volume nor a descriptor of the archive stays', async t => {
  const engine = await openTestEngine(t, 'claims')
  const archive = await busyboxTar(await tempDir(t, 'tar'))
  const annotations = { 'volume.podman.io/import-source': archive }
  const claim = { kind: 'PersistentVolumeClaim' as const, metadata: { name: 'v', annotations } }
  const reason = new Error('enough')
  const undo = new AsyncDisposableStack()
  const made = makeClaim(engine as unknown as Rooms, claim, { undo, signal: AbortSignal.abort(reason) })
  await t.throwsAsync(made, { is: reason })
  await undo.disposeAsync()
  t.deepEqual(await engine.volumes.list(), [])
  while (isOpen(archive)) await delay(5)
})
