import { LibpodError } from '../../errors.ts'
import type { KubeTemplate } from '../objects.ts'

const types = ['pod', 'deployment', 'daemonset', 'job'] as const
export type GeneratedType = (typeof types)[number]

/** @throws LibpodError SPEC_INVALID */
export function typeNamed(text: string): GeneratedType {
  const found = types.find(type => type === text.toLowerCase())
  if (found !== undefined) return found
  throw refused(
    `invalid generation type - only pods, deployments, jobs, and daemonsets are currently supported: ${text}`,
  )
}

type Pod = Required<KubeTemplate>
type Document = Readonly<Record<string, unknown>>

const refused = (problem: string): LibpodError => new LibpodError('SPEC_INVALID', problem)

/** A pod as a document of the kind that is asked for. @throws LibpodError SPEC_INVALID */
export function documentOf(
  { metadata, spec }: Pod,
  now: string,
  kind: { readonly type: GeneratedType; readonly replicas?: number },
): Document {
  const { type, replicas } = kind
  const creationTimestamp = now
  if (type === 'pod') return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, creationTimestamp }, spec }
  const policy = spec.restartPolicy
  const named = { creationTimestamp, labels: metadata.labels, name: `${metadata.name}-${type}` }
  const template = { metadata: { ...metadata, creationTimestamp }, spec }
  const selector = { matchLabels: metadata.labels }
  switch (type) {
    case 'deployment':
      if (policy && policy !== 'Always') throw refused('k8s Deployments can only have restartPolicy set to Always')
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: named,
        spec: { ...(replicas !== undefined && { replicas }), selector, template },
      }
    case 'daemonset':
      if (policy && policy !== 'Always') throw refused('k8s DaemonSets can only have restartPolicy set to Always')
      return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: named, spec: { selector, template } }
    case 'job': {
      if (policy === 'Always')
        throw refused('k8s Jobs can not have restartPolicy set to Always; only Never and OnFailure policies allowed')
      const ending = { ...template, spec: { ...spec, restartPolicy: policy ?? 'Never' } }
      return { apiVersion: 'batch/v1', kind: 'Job', metadata: named, spec: { template: ending } }
    }
  }
}

/** What makes the ports of a pod known outside; `choose` gives the port of each node for the nth. */
export function serviceOf({ metadata, spec }: Pod, now: string, choose: (index: number) => number): Document {
  const ports = (spec.containers ?? []).flatMap(({ ports: its = [] }) => its)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { creationTimestamp: now, labels: metadata.labels, name: metadata.name },
    spec: {
      ports: ports.map(({ containerPort = 0, protocol }, index) => ({
        name: String(containerPort),
        nodePort: choose(index),
        port: containerPort,
        ...(protocol && { protocol }),
        targetPort: containerPort,
      })),
      selector: { app: metadata.labels?.app },
      type: 'NodePort',
    },
  }
}
