import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { heedSignals } from '../../src/spec/heed-signals.ts'

test('a signal that was aborted before is heard by every method, whatever else it takes', async t => {
  const begun: string[] = []
  const service = heedSignals({
    one: async (name: string, _call?: { signal?: AbortSignal }) => void begun.push(name),
    two: async (_name: string, options?: { size?: string; signal?: AbortSignal }) => options?.size,
    async *many(_call?: { signal?: AbortSignal }) {
      yield 1
    },
  })
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  await t.throwsAsync(service.one('a', { signal }), { is: reason })
  await t.throwsAsync(service.two('a', { size: 'yes', signal }), { is: reason })
  t.deepEqual(begun, [])
  await service.one('b')
  await service.one('c', { signal: new AbortController().signal })
  t.deepEqual(begun, ['b', 'c'])
  t.is(await service.two('a', { size: 'yes' }), 'yes')
  await t.throwsAsync(Array.fromAsync(service.many({ signal })), { is: reason })
  t.deepEqual(await Array.fromAsync(service.many()), [1])
})

test("what Node says of an abort becomes the signal's reason; another error stays what it is", async t => {
  const other = new Error('something else')
  const service = heedSignals({
    wait: async ({ signal }: { signal: AbortSignal }) => delay(60_000, undefined, { signal }),
    fail: async ({ signal }: { signal: AbortSignal }) =>
      delay(60_000, undefined, { signal }).catch(() => Promise.reject(other)),
    async *many({ signal }: { signal: AbortSignal }) {
      yield await delay(60_000, undefined, { signal })
    },
  })
  const reason = new Error('enough')
  const giveUp = new AbortController()
  const call = { signal: giveUp.signal }
  const given = Promise.allSettled([service.wait(call), service.fail(call), Array.fromAsync(service.many(call))])
  giveUp.abort(reason)
  t.deepEqual(
    (await given).map(outcome => 'reason' in outcome && outcome.reason),
    [reason, other, reason],
  )
})
