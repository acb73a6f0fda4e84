import test from 'ava'
import { refusal, specOf } from './parse.ts'

const mountsOf = (...options: string[]) => specOf(options).mounts?.mounts

test('-v: paths are binds, names are volumes, a lone path is an anonymous volume', t => {
  t.deepEqual(mountsOf('-v', '/a:/b:ro,z'), [{ kind: 'bind', source: '/a', destination: '/b', options: ['ro', 'z'] }])
  t.deepEqual(mountsOf('-v', './a:/b'), [{ kind: 'bind', source: '/work/dir/a', destination: '/b', options: [] }])
  t.deepEqual(mountsOf('-v', 'data:/b/'), [{ kind: 'volume', name: 'data', destination: '/b', options: [] }])
  t.deepEqual(mountsOf('-v', '/b'), [{ kind: 'volume', destination: '/b', options: [] }])
  t.deepEqual(mountsOf('-v', '/a:/b:O'), [{ kind: 'overlay', source: '/a', destination: '/b', options: [] }])
  t.deepEqual(mountsOf('-v', '/a\\:x:/b'), [{ kind: 'bind', source: '/a:x', destination: '/b', options: [] }])
})

test('-v refuses what makes no sense', t => {
  t.regex(refusal(['-v', '/a:/b:ro:x']), /^incorrect volume format/)
  t.is(refusal(['-v', '/a:b']), 'invalid container path "b", must be an absolute path')
  t.is(refusal(['-v', ':/b']), 'host directory cannot be empty')
  t.regex(refusal(['-v', '/a:/b:ro,rw']), /can only specify 1/)
  t.regex(refusal(['-v', '/a:/b:purple']), /invalid mount option/)
  t.is(refusal(['-v', '/a:/b', '--tmpfs', '/b']), '/b: duplicate mount destination')
  t.regex(refusal(['-v', 'a b:/b']), /names must match/)
})

test('--mount of every type', t => {
  t.deepEqual(mountsOf('--mount', 'type=bind,src=/a,dst=/b,ro,bind-propagation=rslave,relabel=shared,U=true'), [
    { kind: 'bind', source: '/a', destination: '/b', options: ['ro', 'rslave', 'z', 'U'] },
  ])
  t.deepEqual(mountsOf('--mount', 'src=v,target=/b,subpath=/x'), [
    { kind: 'volume', name: 'v', destination: '/b', options: [], subPath: '/x' },
  ])
  t.deepEqual(mountsOf('--mount', 'type=tmpfs,dst=/t,tmpfs-size=512M,tmpfs-mode=700,notmpcopyup'), [
    { kind: 'tmpfs', destination: '/t', options: ['size=512M', 'mode=700', 'notmpcopyup'] },
  ])
  t.deepEqual(mountsOf('--mount', 'type=image,source=fedora,destination=/i,rw=true'), [
    { kind: 'image', image: 'fedora', destination: '/i', readWrite: 'yes' },
  ])
  t.deepEqual(mountsOf('--mount', 'type=devpts,dst=/dev/pts,max=10'), [
    { kind: 'devpts', destination: '/dev/pts', options: ['max=10'] },
  ])
  t.deepEqual(mountsOf('--mount', 'type=glob,src=/usr/lib/x*,dst=/l,ro=true'), [
    { kind: 'glob', source: '/usr/lib/x*', destination: '/l', options: ['ro'] },
  ])
  t.deepEqual(mountsOf('--mount', 'type=bind,dst=/both'), [
    { kind: 'bind', source: '/both', destination: '/both', options: [] },
  ])
  t.deepEqual(mountsOf('--mount', 'type=bind,"src=/a,b",dst=/c,readonly=false'), [
    { kind: 'bind', source: '/a,b', destination: '/c', options: ['rw'] },
  ])
})

test('--mount refuses unknown types and options, inherited names too', t => {
  t.is(refusal(['--mount', 'type=floppy,dst=/a']), 'invalid filesystem type "floppy"')
  t.is(refusal(['--mount', 'type=constructor,dst=/a']), 'invalid filesystem type "constructor"')
  t.is(refusal(['--mount', 'type=bind,src=/a,dst=/b,colour=red']), 'colour: invalid mount option')
  t.is(refusal(['--mount', 'type=volume']), 'must set volume destination')
})
