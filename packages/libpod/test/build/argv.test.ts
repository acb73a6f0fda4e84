import test from 'ava'
import { type BuildGround, buildArgv } from '../../src/build/argv.ts'
import type { BuildSpec } from '../../src/build/spec.ts'

const ground: BuildGround = {
  root: '/g',
  runRoot: '/r',
  graphDriver: 'overlay',
  storageOptions: ['overlay.mountopt=nodev,metacopy=on'],
  runtime: '/usr/sbin/runc',
  runtimeFlags: ['--debug'],
  cgroupManager: 'cgroupfs',
  logLevel: 'warn',
  mountsFile: '/m',
  idFile: '/i',
}

const argvOf = (spec: BuildSpec) => buildArgv(spec, ground, { pullNewer: 'newer' })

test('the store, the runtime and the manager of control groups are those of the engine', t => {
  const argv = argvOf({ context: '/c' })
  t.deepEqual(argv.slice(0, argv.indexOf('build')), [
    '--root=/g',
    '--runroot=/r',
    '--storage-driver=overlay',
    '--storage-opt="overlay.mountopt=nodev,metacopy=on"',
    '--cgroup-manager=cgroupfs',
    '--log-level=warn',
    '--default-mounts-file=/m',
  ])
  t.true(argv.includes('--runtime=/usr/sbin/runc'))
  t.true(argv.includes('--runtime-flag=debug'))
})

test('layers are kept and working containers removed unless told otherwise', t => {
  t.true(argvOf({}).includes('--layers=true'))
  t.true(argvOf({}).includes('--force-rm=true'))
  const other = argvOf({ layers: 'no', alwaysRemoveContainers: 'no' })
  t.true(other.includes('--layers=false'))
  t.true(other.includes('--force-rm=false'))
})

test('squashing new layers and all layers', t => {
  t.true(argvOf({ squash: 'new-layers' }).includes('--layers=false'))
  t.false(argvOf({ squash: 'new-layers' }).includes('--squash'))
  t.deepEqual(
    argvOf({ squash: 'all' }).filter(word => /squash|layers/.test(word)),
    ['--layers=false', '--squash'],
  )
  t.deepEqual(
    argvOf({ squash: 'all', layers: 'yes' }).filter(word => /squash|layers/.test(word)),
    ['--layers=true', '--squash'],
  )
})

test('when to pull is said in words that old and new versions take for the same', t => {
  const pullOf = (pull: BuildSpec['pull'], pullNewer: 'newer' | 'true' = 'newer') =>
    buildArgv(pull ? { pull } : {}, ground, { pullNewer }).filter(word => word.startsWith('--pull'))
  t.deepEqual(pullOf(undefined), ['--pull=missing'])
  t.deepEqual(pullOf('always'), ['--pull-always'])
  t.deepEqual(pullOf('never'), ['--pull-never'])
  t.deepEqual(pullOf('newer'), ['--pull=newer'])
  t.deepEqual(pullOf('newer', 'true'), ['--pull=true'])
})

test('no text of a spec becomes an option of its own', t => {
  const argv = argvOf({
    context: '--root=/etc',
    files: ['--help'],
    tags: ['--squash'],
    target: '-q',
    args: { A: '--x' },
    volumes: ['--v:/v'],
  })
  t.deepEqual(argv.slice(-2), ['--', '--root=/etc'])
  for (const word of ['--file=--help', '--tag=--squash', '--target=-q', '--build-arg=A=--x', '--volume=--v:/v'])
    t.true(argv.includes(word), word)
})

test('values of lists that Buildah splits at commas stay whole', t => {
  const argv = argvOf({ files: ['a,b "c"'], tags: ['x:1'], dns: ['1.1.1.1'], secrets: ['id=a,src=b'] })
  t.true(argv.includes('--file="a,b ""c"""'))
  t.true(argv.includes('--dns=1.1.1.1'))
  t.true(argv.includes('--secret=id=a,src=b'))
})
