import test from 'ava'
import { environmentOf, expand, type Sources } from '../../src/kube/environment.ts'
import type { KubeContainer } from '../../src/kube/objects.ts'

const sources: Sources = {
  configMaps: new Map([['map', { kind: 'ConfigMap', data: { A: 'of map', B: 'b' } }]]),
  secrets: new Map([['secret', { kind: 'Secret', data: { PW: 'cHc=' }, stringData: { PLAIN: 'text' } }]]),
}

const host = { memory: 2 ** 30, cpu: 2 }

const environment = (container: KubeContainer): Readonly<Record<string, string>> =>
  environmentOf({ container, metadata: { name: 'p', labels: { app: 'web' } }, podId: 'abc', host }, sources)

test('whole sources come first, with their prefix; single values go over them', t => {
  const container: KubeContainer = {
    envFrom: [
      { configMapRef: { name: 'map' } },
      { prefix: 'S_', secretRef: { name: 'secret' } },
      { configMapRef: { name: 'no', optional: true } },
    ],
    env: [
      { name: 'A', value: 'own' },
      { name: 'EMPTY' },
      { name: 'NOT', valueFrom: { configMapKeyRef: { name: 'map', key: 'none', optional: true } } },
      { name: 'FROM', valueFrom: { secretKeyRef: { name: 'secret', key: 'PW' } } },
    ],
  }
  t.deepEqual(environment(container), { A: 'own', B: 'b', S_PW: 'pw', S_PLAIN: 'text', EMPTY: '', FROM: 'pw' })
})

test('fields of the pod and resources of the container', t => {
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
  const resource = (name: string, divisor?: string) => ({
    valueFrom: { resourceFieldRef: { resource: name, ...(divisor !== undefined && { divisor }) } },
  })
  const env = [
    { name: 'NAME', ...field('metadata.name') },
    { name: 'UID', ...field('metadata.uid') },
    { name: 'APP', ...field("metadata.labels['app']") },
    { name: 'NONE', ...field("metadata.annotations['x']") },
    { name: 'MEMORY', ...resource('limits.memory', '1Mi') },
    { name: 'BYTES', ...resource('limits.memory') },
    { name: 'CPU', ...resource('requests.cpu', '1m') },
    { name: 'ASKED', ...resource('requests.memory') },
    { name: 'HOST', ...resource('limits.cpu', '0') },
  ]
  t.deepEqual(environment({ env, resources: { limits: { memory: '100Mi' }, requests: { cpu: '0.3' } } }), {
    NAME: 'p',
    UID: 'abc',
    APP: 'web',
    NONE: '',
    MEMORY: '100',
    BYTES: '104857600',
    CPU: '300',
    ASKED: '104857600',
    HOST: '2',
  })
  t.is(environment({ env: [{ name: 'A', ...resource('requests.memory', '1Gi') }] }).A, '1')
  for (const [wrong, message] of [
    [resource('limits.disk'), 'resource limits.disk is either not valid or not supported'],
    [resource('limits.cpu', '1Mi'), 'divisor value 1Mi is not valid'],
    [resource('limits.memory', '2'), 'divisor value 2 is not valid'],
    [field('spec.x'), 'fieldPath spec.x is either not valid or not supported'],
  ] as const)
    t.throws(() => environment({ env: [{ name: 'A', ...wrong }] }), {
      message: `can not set env A. Reason: ${message}`,
    })
})

test('what is not there is refused by its name, and no error has a secret in it', t => {
  const cases = [
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'k' } } }] },
      'cannot set env A: configmap no not found',
    ],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'map', key: 'k' } } }] },
      'cannot set env A: key k not found in configmap map',
    ],
    [
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'secret', key: 'k' } } }] },
      'cannot set env A: secret secret has not k key',
    ],
    [{ envFrom: [{ secretRef: { name: 'no' } }] }, 'no secret with name or id "no": no such secret'],
    [
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }] },
      'can not set env A. Reason: fieldPath status.hostIP is either not valid or not supported',
    ],
  ] as const
  for (const [container, message] of cases) t.throws(() => environment(container), { code: 'KUBE_INVALID', message })
})

test('references in commands become values, those of unknown names stay, two dollars are one', t => {
  t.is(expand('$(A)-$(B) $$(A) $A $(toString)', { A: '1$(C)', C: 'no' }), '1$(C)-$(B) $(A) $A $(toString)')
})
