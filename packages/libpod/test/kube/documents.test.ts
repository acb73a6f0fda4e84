import test from 'ava'
import { readDocuments } from '../../src/kube/documents.ts'

const pod = (spec: unknown): string => JSON.stringify({ kind: 'Pod', metadata: { name: 'p' }, spec })

test('documents of kinds that are played are read, lists opened, others and what they have besides passed over', t => {
  const yaml = [
    '# a comment',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: b, none: }',
    'kind: Service\nspec: 7',
    `kind: List\nitems: [${pod({ restartPolicy: 'Never', nodeName: 'x' })}]`,
    '',
  ].join('\n---\n')
  t.deepEqual(readDocuments(yaml), [
    { kind: 'ConfigMap', metadata: { name: 'map' }, data: { a: 'b' } },
    { kind: 'Pod', metadata: { name: 'p' }, spec: { restartPolicy: 'Never' } },
  ])
})

test('a value of the wrong kind is refused by its path', t => {
  const cases = [
    [
      pod({ containers: [{ name: 'c', env: [{ name: 'A', value: {} }] }] }),
      'spec.containers[0].env[0].value: must be a string, not a map',
    ],
    [pod({ containers: {} }), 'spec.containers: must be a list, not a map'],
    [
      pod({ restartPolicy: 'Sometimes' }),
      'spec.restartPolicy: must be one of Always, OnFailure, Never, not "Sometimes"',
    ],
    [pod({ containers: [{ tty: 'yes' }] }), 'spec.containers[0].tty: must be true or false, not a string'],
    [
      pod({ terminationGracePeriodSeconds: 1.5 }),
      'spec.terminationGracePeriodSeconds: must be an integer, not a number',
    ],
  ] as const
  for (const [yaml, problem] of cases)
    t.throws(() => readDocuments(yaml), {
      code: 'KUBE_INVALID',
      message: `unable to read YAML as Kube Pod: ${problem}`,
    })
  t.throws(() => readDocuments('just text'), {
    code: 'KUBE_INVALID',
    message: /the document: must be a map, not a string$/,
  })
})

test('what is no YAML is refused, and so are aliases that stand for more than memory holds', t => {
  t.throws(() => readDocuments('kind: Pod\n  spec: ['), {
    code: 'KUBE_INVALID',
    message: /^multi doc yaml could not be split: /,
  })
  const letters = [...'abcdefghi']
  const bomb = letters.map((letter, index) => {
    const before = letters[index - 1]
    return `${letter}: &${letter} [${Array.from({ length: 9 }, () => (before === undefined ? 'x' : `*${before}`)).join(', ')}]`
  })
  t.throws(() => readDocuments(`kind: ConfigMap\n${bomb.join('\n')}`), { code: 'KUBE_INVALID', message: /alias/i })
})

test('a name of JavaScript’s own is a key like any other', t => {
  const [map] = readDocuments('kind: ConfigMap\nmetadata: {name: m}\ndata: {__proto__: a, constructor: b}')
  t.is(map?.kind, 'ConfigMap')
  t.deepEqual(map?.kind === 'ConfigMap' && Object.entries(map.data ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})
