import test from 'ava'
import { Device, stretch } from '../src/layers/device.ts'

/** A device whose writes end when they are told to; what was asked of it, in order. */
function slow() {
  const writes: PromiseWithResolvers<void>[] = []
  const asked: string[] = []
  const device = new Device(() => {
    asked.push('open')
    return {
      begin: () => void asked.push('begin'),
      end: () => {
        const write = Promise.withResolvers<void>()
        writes.push(write)
        return write.promise
      },
      [Symbol.dispose]: () => void asked.push('close'),
    }
  })
  /** One that has written all it has to. */
  const ended = () => {
    const writing = device.join()
    writing.ended()
    return writing
  }
  return { device, writes, asked, ended }
}

/** Lets everything happen that waits for nothing else. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('one sync holds all that was there before it began', async t => {
  const { writes, ended } = slow()
  const held = Promise.all([ended(), ended(), ended()].map(writing => writing.held()))
  await settled()
  t.is(writes.length, 1)
  writes[0]?.resolve()
  await held
  const later = ended().held()
  await settled()
  t.is(writes.length, 2)
  writes[1]?.resolve()
  await later
})

test('what comes while a sync is under way waits for another one', async t => {
  const { writes, ended } = slow()
  const early = ended().held()
  const late = ended().held()
  writes[0]?.resolve()
  await early
  await settled()
  t.is(writes.length, 2)
  writes[1]?.resolve()
  await late
})

test('what was under way when a sync failed is not recorded, though a later sync succeeds; what begins afterwards is', async t => {
  const { device, writes, ended } = slow()
  const [before, during] = [ended(), device.join()]
  const failing = ended().held()
  writes[0]?.reject(new Error('broken device'))
  await t.throwsAsync(failing, { message: 'broken device' })
  const after = ended().held()
  await settled()
  writes[1]?.resolve()
  await after
  during.ended()
  for (const writing of [before, during]) await t.throwsAsync(writing.held(), { message: 'broken device' })
})

test('bytes are sent on their way a stretch at a time, whoever writes them', t => {
  const { device, asked } = slow()
  const [one, other] = [device.join(), device.join()]
  one.reached(stretch / 2)
  other.reached(stretch / 4)
  one.reached(stretch / 2 + 1)
  t.deepEqual(asked, ['open'])
  other.reached(stretch / 2)
  t.deepEqual(asked, ['open', 'begin'])
  one.reached(stretch)
  t.deepEqual(asked, ['open', 'begin'])
})

test('the file system is open as long as anybody writes, and is closed once', t => {
  const { device, asked } = slow()
  const [one, other] = [device.join(), device.join()]
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  t.deepEqual(asked, ['open'])
  other[Symbol.dispose]()
  t.deepEqual(asked, ['open', 'close'])
  device.join()[Symbol.dispose]()
  t.deepEqual(asked, ['open', 'close', 'open', 'close'])
})
