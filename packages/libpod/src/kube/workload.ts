import { LibpodError } from '../errors.ts'
import type { KubeObject, KubePodSpec, KubeTemplate } from './objects.ts'

/** A pod to be: what every kind that runs something comes down to. */
export interface Workload {
  readonly name: string
  readonly metadata: NonNullable<KubeTemplate['metadata']>
  readonly spec: KubePodSpec
}

const kinds = { Deployment: 'deployment', DaemonSet: 'daemonSet', Job: 'job', Pod: 'pod' } as const

/** The pod of a document; none for what only pods use. @throws LibpodError KUBE_INVALID */
export function workloadOf(object: KubeObject): Workload | undefined {
  const { kind } = object
  if (kind === 'PersistentVolumeClaim' || kind === 'ConfigMap' || kind === 'Secret') return undefined
  const name = object.metadata?.name
  if (!name) throw new LibpodError('KUBE_INVALID', `${kinds[kind]} does not have a name`)
  if (kind === 'Pod') return { name, metadata: object.metadata ?? {}, spec: object.spec ?? {} }
  const template = object.spec?.template ?? {}
  const { metadata = {}, spec = {} } = template
  const annotations = { ...object.metadata?.annotations, ...metadata.annotations }
  const all = Object.keys(annotations).length > 0 ? { annotations } : {}
  return { name: `${name}-pod`, metadata: { ...metadata, ...all, name: `${name}-pod` }, spec }
}

/** A host runs one of each. */
export const replicaWarnings = (objects: readonly KubeObject[]): readonly string[] =>
  objects.flatMap(object =>
    object.kind === 'Deployment' && (object.spec?.replicas ?? 1) > 1
      ? ['Limiting replica count to 1, more than one replica is not supported by Podman']
      : [],
  )

/** Each container of a pod has a name of its own. @throws LibpodError KUBE_INVALID */
export function checkNames({ name, spec }: Workload): void {
  const seen = new Set<string>()
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const one = container.name ?? ''
    if (seen.has(one))
      throw new LibpodError(
        'KUBE_INVALID',
        `the pod ${JSON.stringify(name)} is invalid; duplicate container name ${JSON.stringify(one)} detected`,
        { subject: one },
      )
    seen.add(one)
  }
  for (const { lifecycle, livenessProbe, readinessProbe, startupProbe } of spec.initContainers ?? [])
    if (lifecycle || livenessProbe || readinessProbe || startupProbe)
      throw new LibpodError(
        'KUBE_INVALID',
        'cannot create an init container that has either of lifecycle, livenessProbe, readinessProbe, or startupProbe set',
        { subject: name },
      )
}
