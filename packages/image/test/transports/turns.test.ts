import { setImmediate as later } from 'node:timers/promises'
import test from 'ava'
import { Turns } from '../../src/transports/containers-storage/turns.ts'

test('so many have a turn at once; the others get theirs in order, but for who gave up waiting', async t => {
  const turns = new Turns(2)
  const begun: string[] = []
  const control = new AbortController()
  const take = async (name: string, signal?: AbortSignal): Promise<Disposable> => {
    const turn = await turns.take(signal)
    begun.push(name)
    return turn
  }
  const [one, two] = [await take('one'), await take('two')]
  const third = take('three')
  const impatient = take('impatient', control.signal)
  const fourth = take('four')
  await later()
  t.deepEqual(begun, ['one', 'two'])
  control.abort(new Error('enough'))
  await t.throwsAsync(impatient, { message: 'enough' })
  await t.throwsAsync(take('late', control.signal), { message: 'enough' })
  two[Symbol.dispose]()
  const three = await third
  one[Symbol.dispose]()
  await fourth
  t.deepEqual(begun, ['one', 'two', 'three', 'four'])
  three[Symbol.dispose]()
  await take('five', control.signal).catch(() => undefined)
  await take('six')
  t.deepEqual(begun.slice(4), ['six'])
})
