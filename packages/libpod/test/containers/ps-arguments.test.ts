import test from 'ava'
import { psDescriptors } from '../../src/containers/ps-arguments.ts'

test('plain descriptors are not options of ps', t => {
  t.is(psDescriptors([]), undefined)
  t.is(psDescriptors(['pid', 'comm']), undefined)
  t.is(psDescriptors(['user']), undefined)
})

test('what ps options mean', t => {
  t.deepEqual(psDescriptors(['-eo', 'pid,comm']), ['pid', 'comm'])
  t.deepEqual(psDescriptors(['-eo', 'pid comm']), ['pid', 'comm'])
  t.deepEqual(psDescriptors(['-o', 'pid', '-ouser']), ['pid', 'user'])
  t.deepEqual(psDescriptors(['--format=pid,args']), ['pid', 'args'])
  t.deepEqual(psDescriptors(['-ef'])?.slice(0, 3), ['user', 'pid', 'ppid'])
  t.true(psDescriptors(['aux'])?.includes('rss'))
  t.deepEqual(psDescriptors(['-e']), ['pid', 'tty', 'time', 'comm'])
  t.throws(() => psDescriptors(['-Z']), { code: 'SPEC_INVALID', message: 'unknown option of ps: -Z' })
})
