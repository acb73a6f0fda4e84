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
  for (const option of ['noatime', 'rbind', 'bind'])
    t.is(refusal(['--mount', `type=bind,src=/a,dst=/b,${option}`]), `${option}: invalid mount option`)
  t.is(refusal(['--mount', 'type=volume,src=v,dst=/b,nocopy']), 'nocopy: invalid mount option')
  t.is(refusal(['--mount', 'type=devpts,src=/a,dst=/b']), 'src: invalid mount option')
  t.is(refusal(['--mount', 'type=tmpfs,src=/a,dst=/b']), '"src" option not supported for "tmpfs" mount types')
  t.is(refusal(['--mount', 'type=bind,src=/a,dst=/b,idmap=bogus']), 'unknown option "bogus"')
  t.is(refusal(['--mount', 'type=bind,src=/a,dst=/b,bind-propagation=rbind']), 'invalid value "bind-propagation=rbind"')
  t.is(refusal(['--mount', 'type=image,src=i,dst=/b,subpath=c']), 'volume subpath "c" must be an absolute path')
})

test('--mount takes nothing twice', t => {
  const twice = (what: string) => `cannot pass ${what} more than once: must provide an argument for option`
  for (const [mount, what] of [
    ['type=bind,src=/a,source=/b,dst=/c', '"src" option'],
    ['type=glob,src=/a*,src=/b*,dst=/c', '"src" option'],
    ['type=volume,src=v,dst=/c,target=/d', '"dst" option'],
    ['type=tmpfs,dst=/c,dst=/d', '"dst" option'],
    ['type=bind,src=/a,dst=/b,ro=false,readonly', "'readonly', 'ro', or 'rw' mnt.Options"],
    ['type=tmpfs,dst=/c,exec,noexec', "'noexec' and 'exec' mnt.Options"],
    ['type=bind,src=/a,dst=/b,dev,nodev', "'nodev' and 'dev' mnt.Options"],
    ['type=volume,src=v,dst=/b,nosuid,nosuid', "'nosuid' and 'suid' mnt.Options"],
    ['type=bind,src=/a,dst=/b,relabel=shared,relabel=private', "'relabel' option"],
    ['type=tmpfs,dst=/b,U,chown', "'U' or 'chown' option"],
  ])
    t.is(refusal(['--mount', mount ?? '']), twice(what ?? ''))
  t.is(refusal(['--mount', 'type=bind,src=/a,dst=/b,type=tmpfs']), 'type: invalid mount option')
  t.regex(refusal(['--mount', 'type=bind,src=/a,dst=/b,shared,slave']), /"shared, slave", can only specify 1/)
  t.regex(refusal(['--mount', 'type=bind,src=/a,dst=/b,relabel=shared,z']), /"z, z", can only specify 1/)
  t.deepEqual(mountsOf('--mount', 'type=image,src=a,src=b,dst=/c'), [
    { kind: 'image', image: 'b', destination: '/c', readWrite: 'no' },
  ])
})

test('--mount type=volume: what the volume is made with, and how it is propagated', t => {
  t.deepEqual(mountsOf('--mount', 'src=v,dst=/b,volume-opt=type=tmpfs,volume-opt=o=size=1m,shared'), [
    {
      kind: 'volume',
      name: 'v',
      destination: '/b',
      options: ['shared'],
      driverOptions: { type: 'tmpfs', o: 'size=1m' },
    },
  ])
  for (const option of ['volume-opt', 'volume-opt=bogus'])
    t.is(refusal(['--mount', `src=v,dst=/b,${option}`]), 'cannot parse driver opts: invalid mount option')
})

test('-v :O goes with little else', t => {
  t.deepEqual(mountsOf('-v', '/a:/b:O,upperdir=/u,workdir=/w,U'), [
    { kind: 'overlay', source: '/a', destination: '/b', options: ['upperdir=/u', 'workdir=/w', 'U'] },
  ])
  t.deepEqual(mountsOf('-v', 'v:/b:O,ro'), [{ kind: 'overlay', source: 'v', destination: '/b', options: ['ro'] }])
  t.is(refusal(['-v', '/a:/b:O,ro']), "can't use 'O' with other options")
  t.is(refusal(['-v', '/a:/b:O,upperdir=/u']), 'must specify both upperdir and workdir')
  t.regex(refusal(['-v', '/a:/b:O,z']), /"O, z", can only specify 1 'z', 'Z', or 'O' option/)
  t.regex(refusal(['-v', '/a:/b:noatime']), /invalid option "noatime"/)
  t.is(refusal(['-v', '/a:/b:idmap=bogus']), 'unknown option "bogus"')
})
