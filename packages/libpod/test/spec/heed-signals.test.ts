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
  t.deepEqual(await Array.fromAsync(service.many({ signal })), [1])
})
