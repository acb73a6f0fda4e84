import type { NetworkSpec, PortMapping } from '../../spec/network.ts'
import type { PodSpec } from '../../spec/pod.ts'
import type { KubeContainer, KubePodSpec, KubeTemplate } from '../objects.ts'
import type { HostPathType } from '../volumes.ts'
import { annotationsOf } from './annotations.ts'
import { type Described, kubeContainer, portsOf } from './container.ts'
import { mountedVolumes } from './volumes.ts'

/** What a document of a pod is made from. */
export interface PodSource {
  readonly name: string
  readonly containers: readonly Described[]
  /** Of a pod that there is; containers alone come without. */
  readonly pod?: { readonly spec: PodSpec; readonly ports: readonly PortMapping[] }
  readonly reserved: 'with-reserved' | 'without-reserved'
  /** What is at a path of the host. */
  readonly typeOf: (path: string) => HostPathType
}

const policies = { always: 'Always', 'unless-stopped': 'Always', 'on-failure': 'OnFailure', no: 'Never' } as const

/** The other way round of `podSpec`: metadata without its time, and spec. */
export function kubePod(source: PodSource): Required<KubeTemplate> {
  const { name, containers, pod } = source
  const infraName = pod?.spec.infraName
  const annotations = {
    ...annotationsOf(containers, source.reserved),
    ...(infraName !== undefined && { 'io.podman.annotations.infra.name': infraName }),
  }
  return {
    metadata: {
      ...(Object.keys(annotations).length > 0 && { annotations }),
      labels: { ...pod?.spec.labels, app: name },
      name,
    },
    spec: specOf(source),
  }
}

function specOf({ containers, pod, name, typeOf }: PodSource): KubePodSpec {
  const made = containers.map(each => {
    const mounted = mountedVolumes(each.spec.mounts?.mounts ?? [], typeOf)
    return { each, mounted, kube: kubeContainer(each, mounted) }
  })
  const main = made.filter(({ each }) => !each.spec.initContainer).map(({ kube }) => kube)
  const init = made.filter(({ each }) => each.spec.initContainer).map(({ kube }) => kube)
  const volumes = new Map(made.flatMap(({ mounted }) => mounted.map(({ volume }) => [volume.name, volume])))
  const network = pod ? (pod.spec.network ?? {}) : (containers[0]?.spec.network ?? {})
  const hostname = pod ? pod.spec.hostname : containers[0]?.spec.process?.hostname
  const restart = containers.find(({ spec }) => !spec.initContainer && spec.restart)?.spec.restart ?? pod?.spec.restart
  const timeout = containers.find(({ spec }) => spec.process?.stopTimeout !== undefined)?.spec.process?.stopTimeout
  return {
    containers: withPorts(main, pod?.ports.flatMap(portsOf) ?? []),
    ...networkOf(network),
    ...(pod?.spec.share?.includes('pid') && { shareProcessNamespace: true }),
    ...(hostname !== undefined && hostname !== name && { hostname }),
    ...(init.length > 0 && { initContainers: init }),
    ...(restart && { restartPolicy: policies[restart.name] }),
    ...(timeout !== undefined && timeout !== 10 && { terminationGracePeriodSeconds: timeout }),
    ...(volumes.size > 0 && { volumes: [...volumes.values()] }),
  }
}

/** The ports of a pod stand with its first container. */
function withPorts(
  containers: readonly KubeContainer[],
  ports: NonNullable<KubeContainer['ports']>,
): readonly KubeContainer[] {
  const [first, ...rest] = containers
  return first && ports.length > 0 ? [{ ...first, ports }, ...rest] : containers
}

function networkOf({ mode, dns, hosts = [] }: NetworkSpec): KubePodSpec {
  const { servers = [], search = [], options = [] } = dns ?? {}
  const dnsConfig = {
    ...(servers.length > 0 && { nameservers: servers }),
    ...(options.length > 0 && { options: options.map(dnsOption) }),
    ...(search.length > 0 && { searches: search }),
  }
  return {
    ...(Object.keys(dnsConfig).length > 0 && { dnsConfig }),
    ...(hosts.length > 0 && { hostAliases: hosts.map(hostAlias) }),
    ...(mode?.kind === 'host' && { hostNetwork: true }),
  }
}

function dnsOption(text: string): { readonly name: string; readonly value?: string } {
  const [name = '', value] = text.split(/:(.*)/s, 2)
  return { name, ...(value !== undefined && { value }) }
}

function hostAlias(text: string): { readonly ip: string; readonly hostnames: readonly string[] } {
  const [names = '', ip = ''] = text.split(/:(.*)/s, 2)
  return { ip, hostnames: names.split(';') }
}
