import test from 'ava'
import { Device, tick } from '../src/layers/device.ts'

/** A device whose writes end when they are told to. */
function slow() {
  const writes: PromiseWithResolvers<void>[] = []
  const device = new Device(() => {
    const write = Promise.withResolvers<void>()
    writes.push(write)
    return write.promise
  })
  return { device, writes }
}

/** Lets everything happen that waits for nothing else. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('one sync holds all that was there before it began', async t => {
  const { device, writes } = slow()
  const layers = [1, 2, 3].map(() => ({ from: tick(), until: tick() }))
  const held = Promise.all(layers.map(layer => device.holds(layer)))
  await settled()
  t.is(writes.length, 1)
  writes[0]?.resolve()
  await held
  const later = device.holds({ from: tick(), until: tick() })
  await settled()
  t.is(writes.length, 2)
  writes[1]?.resolve()
  await later
})

test('what comes while a sync is under way waits for another one', async t => {
  const { device, writes } = slow()
  const early = device.holds({ from: tick(), until: tick() })
  const late = device.holds({ from: tick(), until: tick() })
  writes[0]?.resolve()
  await early
  await settled()
  t.is(writes.length, 2)
  writes[1]?.resolve()
  await late
})

test('what was under way when a sync failed is not recorded, though a later sync succeeds; what begins afterwards is', async t => {
  const { device, writes } = slow()
  const before = { from: tick(), until: tick() }
  const during = { from: tick() }
  const failing = device.holds({ from: tick(), until: tick() })
  writes[0]?.reject(new Error('broken device'))
  await t.throwsAsync(failing, { message: 'broken device' })
  const after = device.holds({ from: tick(), until: tick() })
  await settled()
  writes[1]?.resolve()
  await after
  for (const layer of [before, { ...during, until: before.until }])
    await t.throwsAsync(device.holds(layer), { message: 'broken device' })
})
