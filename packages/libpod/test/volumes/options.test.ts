import test from 'ava'
import { readVolumeOptions, recordedOptions } from '../../src/volumes/options.ts'

test('what is told of owner and limits is kept beside o, and what is for the engine alone does not stay in it', t => {
  t.deepEqual(recordedOptions({}), {})
  t.deepEqual(recordedOptions({ type: 'tmpfs', o: 'size=1m,UID=3,noquota,noexec' }), {
    ...{ type: 'tmpfs', o: 'size=1m,UID=3,noexec', SIZE: '1m', UID: '3', NOQUOTA: 'true' },
  })
  t.deepEqual(recordedOptions({ o: 'noquota' }), { NOQUOTA: 'true' })
  const options = { o: 'uid=3,gid=4,noexec' }
  t.deepEqual(readVolumeOptions(recordedOptions(options)), readVolumeOptions(options))
})

test('words of o are known in either case, and what is no word of the engine is for mount(8)', t => {
  t.like(readVolumeOptions({ o: 'UID=3,Gid=4,unheard' }), { uid: 3, gid: 4, mountOptions: ['unheard'] })
  t.is(readVolumeOptions({ o: 'NOCOPY' }).copy, 'no')
  t.is(readVolumeOptions({ o: 'copy' }).copy, 'yes')
  t.deepEqual(readVolumeOptions({ o: 'SIZE=1.5k' }).quota, { size: 1500 })
  t.is(readVolumeOptions({ inodes: '1', noquota: '1' }).quota, undefined)
})

for (const [o, message] of [
  ['uid', 'uid option must provide a UID: invalid argument'],
  ['gid=', 'gid option must provide a GID: invalid argument'],
  ['timeout', 'timeout option must provide a valid timeout in seconds: invalid argument'],
  ['timeout=x', 'cannot convert Timeout x to an integer: strconv.Atoi: parsing "x": invalid syntax'],
  ['timeout=-1', 'volume timeout cannot be negative (got -1)'],
  [
    'timeout=5',
    'running volume create option: Volume driver timeout can only be used with non-local volume drivers: invalid argument',
  ],
  ['noquota,size=3', 'volume options size and inodes cannot be used without quota'],
] as const)
  test(`refused: o=${o}`, t => {
    t.throws(() => readVolumeOptions({ o }), { code: 'SPEC_INVALID', message })
  })
