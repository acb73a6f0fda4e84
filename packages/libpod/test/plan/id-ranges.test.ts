import test from 'ava'
import { allocate, aroundOwn, hostIdOf, inOrder, piecesWithin, subordinateRanges } from '../../src/plan/id-ranges.ts'

test('subordinate ranges of an account, by name or number', t => {
  const text = '# comment\ncontainers:1000:50\nother:5:5\ncontainers:5000:10\n1001:7:7\nbroken:x:1\ncontainers:1:2:3\n'
  t.deepEqual(subordinateRanges(text, ['containers']), [
    { first: 1000, size: 50 },
    { first: 5000, size: 10 },
  ])
  t.deepEqual(subordinateRanges(text, ['1001', 'me']), [{ first: 7, size: 7 }])
  t.deepEqual(inOrder(subordinateRanges(text, ['containers'])), [
    { containerId: 0, hostId: 1000, size: 50 },
    { containerId: 50, hostId: 5000, size: 10 },
  ])
})

test('a container gets ids that nobody holds, in pieces when it must', t => {
  const available = [{ first: 1000, size: 100 }]
  const none = { fixed: [], used: [] }
  t.deepEqual(allocate({ size: 100, available, ...none }), [{ containerId: 0, hostId: 1000, size: 100 }])
  const used = [{ containerId: 0, hostId: 1010, size: 20 }]
  t.deepEqual(allocate({ size: 30, available, fixed: [], used }), [
    { containerId: 0, hostId: 1000, size: 10 },
    { containerId: 10, hostId: 1030, size: 20 },
  ])
  t.is(allocate({ size: 81, available, fixed: [], used }), undefined)
  const fixed = [{ containerId: 5, hostId: 77, size: 1 }]
  t.deepEqual(allocate({ size: 10, available, fixed, used: [] }), [
    { containerId: 0, hostId: 1000, size: 5 },
    { containerId: 5, hostId: 77, size: 1 },
    { containerId: 6, hostId: 1005, size: 4 },
  ])
})

test('a rootless user is himself among all the others', t => {
  t.deepEqual(aroundOwn(1000, 65_537), [
    { containerId: 0, hostId: 1, size: 1000 },
    { containerId: 1000, hostId: 0, size: 1 },
    { containerId: 1001, hostId: 1001, size: 64_536 },
  ])
  t.deepEqual(aroundOwn(0, 3), [
    { containerId: 0, hostId: 0, size: 1 },
    { containerId: 1, hostId: 1, size: 2 },
  ])
  t.is(hostIdOf(1000, aroundOwn(1000, 65_537)), 0)
  t.is(hostIdOf(70_000, aroundOwn(1000, 65_537)), undefined)
  t.is(hostIdOf(5, []), 5)
})

test('maps are cut where the map outside begins a new row', t => {
  const rows = [
    { containerId: 0, hostId: 0, size: 1 },
    { containerId: 1, hostId: 1, size: 65_536 },
  ]
  t.deepEqual(piecesWithin([{ containerId: 0, hostId: 0, size: 1000 }], rows), [
    { containerId: 0, hostId: 0, size: 1 },
    { containerId: 1, hostId: 1, size: 999 },
  ])
  t.deepEqual(piecesWithin([{ containerId: 5, hostId: 7, size: 3 }], rows), [{ containerId: 5, hostId: 7, size: 3 }])
  t.deepEqual(piecesWithin([{ containerId: 0, hostId: 65_530, size: 10 }], rows), [
    { containerId: 0, hostId: 65_530, size: 7 },
    { containerId: 7, hostId: 65_537, size: 3 },
  ])
})
