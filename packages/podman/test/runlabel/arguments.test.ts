import test from 'ava'
import { labelArguments, nameAfter, nameGiven, type Variables } from '../../src/runlabel/arguments.ts'
import { splitWords } from '../../src/runlabel/words.ts'

const variables: Variables = {
  IMAGE: 'localhost/i:1',
  NAME: 'n',
  PWD: '/here',
  HOME: '/home/me',
  OPT1: 'one two',
  OPT2: '',
  OPT3: "'a b'",
}

const argumentsOf = (label: string, more: Partial<Variables> = {}) => labelArguments(label, { ...variables, ...more })

test('words are split at blanks, and quotes and backslashes keep them together', t => {
  t.deepEqual(splitWords('  a  b\t"c d" \'e "f\' g\\ h i"j"\'k\' # l\nm'), ['a', 'b', 'c d', 'e "f', 'g h', 'ijk', 'm'])
  t.deepEqual(splitWords('a "b\\"c\\\\d" \'\' ""'), ['a', 'b"c\\d', '', ''])
  t.deepEqual(splitWords('a#b'), ['a#b'])
  for (const text of ['a "b', "a 'b", 'a \\']) t.throws(() => splitWords(text), undefined, text)
})

test('nothing of a shell is in a label', t => {
  const label = 'podman run $(id) `id` ; rm -rf / && a | b > c < d *'
  t.deepEqual(argumentsOf(label), 'run $(id) `id` ; rm -rf / && a | b > c < d *'.split(' '))
})

test('the variables of the manual page, in all their forms', t => {
  t.deepEqual(argumentsOf(`podman run IMAGE $IMAGE \${IMAGE} -e=IMAGE x=IMAGE`), [
    'run',
    ...Array(3).fill('localhost/i:1'),
    '-e=localhost/i:1',
    'x=localhost/i:1',
  ])
  t.deepEqual(argumentsOf(`docker run --name NAME -e A=/etc/\${NAME} $PWD/x -v $HOME:/h NAMES`), [
    'run', '--name', 'n', '-e', 'A=/etc/n', '/here/x', '-v', '/home/me:/h', 'NAMES',
  ]) // biome-ignore format: a command line
  t.deepEqual(argumentsOf(`podman run \${OPT1} \${OPT2} $OPT3 end`), ['run', 'one', 'two', 'a b', 'end'])
})

test("the caller's environment is out of a label's reach", t => {
  t.deepEqual(argumentsOf(`podman run -e P=$PATH \${SECRET} \${__proto__} $constructor`), [
    'run',
    '-e',
    'P=',
    '',
    '',
    '',
  ])
})

test('what a name holds stays within its word', t => {
  t.deepEqual(argumentsOf(`podman run --name \${NAME} $IMAGE`, { NAME: 'a --privileged', IMAGE: '$HOME -v /:/h' }), [
    'run',
    '--name',
    'a --privileged',
    '$HOME -v /:/h',
  ])
})

test('no program but Podman is started', t => {
  for (const program of ['podman', 'docker', '/usr/bin/docker', '/usr/bin/podman'])
    t.deepEqual(argumentsOf(`${program} ps`), ['ps'])
  for (const label of ['sh -c id', '/bin/podman.sh', '', '""', 'sudo podman run', 'podman; id'])
    t.throws(() => argumentsOf(label), { message: /only podman and docker are run/ }, label)
})

test('the name of a container is after its image, or the one that is given', t => {
  t.is(nameAfter('quay.io:5000/team/web:1.2'), 'web')
  t.is(nameAfter('web@sha256:0'), 'web')
  t.is(nameGiven(['run', '--name', 'a', 'b']), 'a')
  t.is(nameGiven(['run', '--name=a', 'b']), 'a')
  t.is(nameGiven(['run', 'b']), undefined)
})
