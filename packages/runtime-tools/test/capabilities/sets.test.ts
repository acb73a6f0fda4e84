import test from 'ava'
import fc from 'fast-check'
import {
  capabilitiesOfMask,
  capabilityNames,
  capabilitySets,
  defaultCapabilities,
  mergeCapabilities,
  normalizeCapability,
} from '../../src/index.ts'

const all = capabilityNames
const holder = (uid: number, privileged: 'yes' | 'no' = 'no') => ({ uid, privileged, available: all })

test('names are taken in any spelling', t => {
  t.is(normalizeCapability('net_admin'), 'CAP_NET_ADMIN')
  t.is(normalizeCapability('CAP_NET_ADMIN'), 'CAP_NET_ADMIN')
  t.is(normalizeCapability('all'), 'ALL')
  t.throws(() => normalizeCapability('NET_ADMN'), { code: 'CAPABILITY_UNKNOWN' })
  t.throws(() => normalizeCapability(''), { code: 'CAPABILITY_UNKNOWN' })
})

test('adding and dropping the same capability is refused', t => {
  t.throws(() => mergeCapabilities({ add: ['kill'], drop: ['CAP_KILL'] }, all), { code: 'CAPABILITY_CONFLICT' })
  t.throws(() => mergeCapabilities({ add: ['all'], drop: ['all'] }, all), { code: 'CAPABILITY_CONFLICT' })
})

test('ALL with exceptions', t => {
  t.deepEqual(mergeCapabilities({ drop: ['all'], add: ['kill'] }, all), ['CAP_KILL'])
  const most = mergeCapabilities({ add: ['all'], drop: ['sys_admin'] }, all)
  t.is(most.length, all.length - 1)
  t.false(most.includes('CAP_SYS_ADMIN'))
})

test('root has what the container has, and inherits nothing', t => {
  const sets = capabilitySets({}, holder(0))
  t.deepEqual(sets.bounding, [...defaultCapabilities].sort())
  t.deepEqual(sets.effective, sets.bounding)
  t.deepEqual(sets.permitted, sets.bounding)
  t.is(sets.inheritable, undefined)
  t.is(sets.ambient, undefined)
})

test('another user has only what was added by name', t => {
  t.deepEqual(Object.keys(capabilitySets({}, holder(1000))), ['bounding'])
  t.deepEqual(Object.keys(capabilitySets({}, holder(1000, 'yes'))), ['bounding'])
  const sets = capabilitySets({ add: ['net_raw'] }, holder(1000))
  for (const name of ['effective', 'permitted', 'inheritable', 'ambient'] as const) {
    t.deepEqual(sets[name], ['CAP_NET_RAW'], name)
  }
})

test('what the host does not grant is not in any set', t => {
  const sets = capabilitySets({ add: ['all'] }, { uid: 0, privileged: 'no', available: ['CAP_KILL'] })
  t.deepEqual(sets, { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] })
})

test('the sets are within one another for every request', t => {
  const names = fc.subarray([...all])
  fc.assert(
    fc.property(
      names,
      names,
      fc.nat(2),
      fc.constantFrom('yes' as const, 'no' as const),
      (add, drop, uid, privileged) => {
        const request = { add: add.filter(name => !drop.includes(name)), drop }
        const sets = capabilitySets(request, { uid, privileged, available: all })
        const within = (inner: readonly string[] = [], outer: readonly string[] = []) => {
          return inner.every(name => outer.includes(name))
        }
        return (
          within(sets.effective, sets.permitted) &&
          within(sets.permitted, sets.bounding) &&
          within(sets.ambient, sets.permitted) &&
          within(sets.inheritable, sets.ambient) &&
          within(sets.ambient, sets.inheritable)
        )
      },
    ),
  )
  t.pass()
})

test('masks of /proc are read by bit', t => {
  t.deepEqual(capabilitiesOfMask('0000000000000000'), [])
  t.deepEqual(capabilitiesOfMask('0000000000000021'), ['CAP_CHOWN', 'CAP_KILL'])
  t.deepEqual(capabilitiesOfMask('000001ffffffffff'), capabilityNames)
  t.deepEqual(capabilitiesOfMask('ffffffffffffffff'), capabilityNames)
})
