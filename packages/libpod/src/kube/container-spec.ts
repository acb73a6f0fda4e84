import { join } from 'node:path'
import { labels as updateLabels } from '../auto-update/policy.ts'
import type { ContainerSpec, LogSpec } from '../spec/container.ts'
import type { ProcessSpec } from '../spec/process.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { DeviceRequest, SecuritySpec } from '../spec/security.ts'
import { environmentOf, expand, type HostSize, type Sources } from './environment.ts'
import { mountsOf } from './mounts.ts'
import type { KubeContainer, KubePodSpec, KubeTemplate } from './objects.ts'
import { healthOf } from './probe.ts'
import { parseQuantity, wholeQuantity } from './quantity.ts'
import { invalid } from './read.ts'
import type { PlannedVolume } from './volumes.ts'

/** The pod that a container is in, and how it is played. */
export interface PodAround {
  readonly id: string
  readonly name: string
  readonly metadata: NonNullable<KubeTemplate['metadata']>
  readonly spec: KubePodSpec
  readonly volumes: ReadonlyMap<string, PlannedVolume>
  readonly sources: Sources
  readonly annotations: Readonly<Record<string, string>>
  readonly names: 'prefixed' | 'plain'
  readonly log?: LogSpec
  readonly seccompRoot: string
  readonly host: HostSize
}

const own = 'io.podman.annotations'

/** One pass from a container of a document to the engine's spec. @throws LibpodError KUBE_INVALID */
export function containerSpec(container: KubeContainer, pod: PodAround, role: 'main' | 'init'): ContainerSpec {
  const { name, image } = container
  if (!name) throw invalid(`pod ${pod.name}`, 'a container has no name')
  if (!image) throw invalid(`container ${JSON.stringify(name)}`, "is missing the required 'image' field")
  const { mounts, devices } = mountsOf(container, pod)
  const health = role === 'main' ? healthOf(container, pod.spec.restartPolicy === 'Never' ? 'no' : 'yes') : undefined
  const annotation = (key: string): string | undefined => pod.annotations[`${own}.${key}/${name}`]
  const labels = { ...updatesOf(name, pod.annotations), ...pod.metadata.labels }
  const init = pod.annotations[`${own}.init.container.type`] === 'always' ? 'always' : 'once'
  return {
    image,
    name: pod.names === 'prefixed' ? `${pod.name}-${name}` : name,
    pod: pod.id,
    pullPolicy: pullPolicy(image, container.imagePullPolicy),
    process: processOf({ ...container, name }, pod),
    security: securityOf({ ...container, name }, pod, devices),
    resources: resourcesOf({ ...container, name }, annotation),
    mounts,
    ...(health && { health }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(pod.annotations).length > 0 && { annotations: pod.annotations }),
    ...(pod.log && { log: pod.log }),
    ...(role === 'init' && { initContainer: init }),
    ...(isTrue(annotation('init')) && { init: {} }),
    ...(isTrue(annotation('autoremove')) && { onExit: 'remove' }),
    ...(isTrue(annotation('autoremove-image')) && { onExit: 'remove-with-image' }),
    sdnotify: 'ignore',
  }
}

const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true'

/** What `auto-update` is to do with a container; its own annotation counts more than the pod's. */
function updatesOf(name: string, annotations: PodAround['annotations']): Readonly<Record<string, string>> {
  const found = [updateLabels.policy, updateLabels.authFile].flatMap(label => {
    const value = annotations[`${label}/${name}`] ?? annotations[label]
    return value ? [[label, value] as const] : []
  })
  return Object.fromEntries(found)
}

/** What is always current may have become another: where the image's name says which registry to ask. */
export function pullPolicy(image: string, asked: string | undefined): NonNullable<ContainerSpec['pullPolicy']> {
  const word = asked?.toLowerCase()
  if (word === 'always' || word === 'never' || word === 'newer' || word === 'missing') return word
  if (word === 'ifnotpresent') return 'missing'
  if (word) throw invalid('imagePullPolicy', `unsupported pull policy ${JSON.stringify(asked)}`)
  const [, tag] = /:([^:/@]+)$/.exec(image) ?? []
  const moves = !image.includes('@') && (tag === undefined || tag === 'latest')
  return moves && /^(localhost|[^/]*[.:][^/]*)\//.test(image) ? 'newer' : 'missing'
}

type Named = KubeContainer & { readonly name: string }

function processOf(container: Named, pod: PodAround): ProcessSpec {
  const { command = [], args = [], workingDir } = container
  const metadata = { ...pod.metadata, annotations: pod.annotations }
  const env = environmentOf({ container, metadata, podId: pod.id, host: pod.host }, pod.sources)
  const words = (list: readonly string[]): readonly string[] => list.map(word => expand(word, env))
  const user = userOf(container, pod.spec)
  const groups = [...(pod.spec.securityContext?.supplementalGroups ?? []), pod.spec.securityContext?.fsGroup]
  const supplementaryGroups = groups.filter(group => group !== undefined).map(String)
  const stopTimeout = pod.spec.terminationGracePeriodSeconds
  const limits = (pod.annotations[`${own}.ulimit`] ?? '').split(',').filter(Boolean)
  const stopSignal = container.lifecycle?.stopSignal
  return {
    env,
    ...(command.length > 0 && { entrypoint: words(command) }),
    ...(args.length > 0 && { command: words(args) }),
    ...(workingDir !== undefined && { workdir: workingDir }),
    ...(user !== undefined && { user }),
    ...(supplementaryGroups.length > 0 && { supplementaryGroups }),
    ...(container.tty && { terminal: 'tty' as const }),
    ...(container.stdin && { stdin: 'open' as const }),
    ...(stopTimeout !== undefined && { stopTimeout }),
    ...(stopSignal !== undefined && { stopSignal: stopSignal.replace(/^SIG/, '') }),
    ...(limits.length > 0 && { rlimits: limits.map(rlimitOf) }),
  }
}

function rlimitOf(text: string): NonNullable<ProcessSpec['rlimits']>[number] {
  const [, type = '', soft = '', hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  if (type === '') throw invalid(`${own}.ulimit`, `${JSON.stringify(text)} is no limit such as nofile=1024:2048`)
  return { type, soft: Number(soft), hard: Number(hard) }
}

/** The container's own word counts more than the pod's. */
function userOf(
  { securityContext: its = {} }: KubeContainer,
  { securityContext: all = {} }: KubePodSpec,
): string | undefined {
  const user = its.runAsUser ?? all.runAsUser
  const group = its.runAsGroup ?? all.runAsGroup
  if (group === undefined) return user === undefined ? undefined : String(user)
  return `${user ?? 0}:${group}`
}

function securityOf(container: Named, pod: PodAround, mounted: readonly DeviceRequest[]): SecuritySpec {
  const { securityContext: its = {}, name } = container
  const { add = [], drop = [] } = its.capabilities ?? {}
  const linux = its.seLinuxOptions ?? pod.spec.securityContext?.seLinuxOptions ?? {}
  const labels = [
    ...Object.entries(linux).map(([key, value]) => `${key}:${value}`),
    ...(pod.annotations[`${own}.label/${name}`]?.split(',label=') ?? []),
  ]
  const seccomp = seccompOf(container, pod)
  const apparmor = pod.annotations[`${own}.apparmor/${name}`]
  const devices = [...mounted, ...devicesOf(container)]
  return {
    ...(its.privileged && { privileged: 'yes' as const }),
    ...(its.allowPrivilegeEscalation === false && { noNewPrivileges: 'yes' as const }),
    ...(its.capabilities && { capabilities: { add: add.map(capability), drop: drop.map(capability) } }),
    ...(its.procMount === 'Unmasked' && { unmask: ['all'] }),
    ...(labels.length > 0 && { labels }),
    ...(seccomp !== undefined && { seccomp }),
    ...(apparmor !== undefined && { apparmor }),
    ...(devices.length > 0 && { devices }),
  }
}

const capability = (name: string): string => (/^(all|cap_)/i.test(name) ? name : `CAP_${name}`).toUpperCase()

function seccompOf(
  { securityContext, name }: Named,
  { spec, annotations, seccompRoot }: PodAround,
): string | undefined {
  const profile = securityContext?.seccompProfile ?? spec.securityContext?.seccompProfile
  const annotated = annotations[`${own}.seccomp/${name}`]
  if (!profile) return annotated
  if (profile.type === 'Unconfined') return 'unconfined'
  if (profile.type !== 'Localhost') return undefined
  if (!profile.localhostProfile) throw invalid('seccompProfile.localhostProfile', 'is missing')
  return join(seccompRoot, profile.localhostProfile)
}

const devicePrefix = 'podman.io/device='

/** Limits and requests of the form `vendor.com/class=name` are CDI devices, those of Podman's own are paths. */
function devicesOf({ resources: { requests, limits } = {} }: KubeContainer): readonly DeviceRequest[] {
  return Object.keys({ ...requests, ...limits })
    .filter(key => key.includes('='))
    .map(key => {
      if (!key.startsWith(devicePrefix)) return { hostPath: key }
      const [hostPath = '', containerPath, access] = key.slice(devicePrefix.length).split(':')
      return { hostPath, ...(containerPath && { containerPath }), ...(access && { access }) }
    })
}

const period = 100_000

function resourcesOf(
  { resources: { limits = {}, requests = {} } = {}, name }: Named,
  annotation: (key: string) => string | undefined,
): ResourceSpec {
  const at = (list: string): string => `container ${name}: resources.${list}`
  const memory = {
    ...(limits.memory !== undefined && { limit: wholeQuantity(limits.memory, at('limits.memory')) }),
    ...(requests.memory !== undefined && { reservation: wholeQuantity(requests.memory, at('requests.memory')) }),
  }
  const share = limits.cpu === undefined ? 0 : parseQuantity(limits.cpu, at('limits.cpu'))
  const [cpus, mems, pids] = [annotation('cpuset'), annotation('memory-nodes'), annotation('pids-limit')]
  const cpu = {
    ...(share > 0 && { quota: Math.round(share * period), period }),
    ...(cpus !== undefined && { cpus }),
    ...(mems !== undefined && { mems }),
  }
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(pids !== undefined && { pids: { limit: wholeQuantity(pids, `${own}.pids-limit/${name}`) } }),
  }
}
