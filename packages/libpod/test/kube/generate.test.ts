import test from 'ava'
import { claimSpec } from '../../src/kube/claims.ts'
import { containerSpec } from '../../src/kube/container-spec.ts'
import { readDocuments } from '../../src/kube/documents.ts'
import { claimOf } from '../../src/kube/generate/claim.ts'
import type { Described } from '../../src/kube/generate/container.ts'
import { documentOf, serviceOf, typeNamed } from '../../src/kube/generate/kinds.ts'
import { kubePod } from '../../src/kube/generate/pod.ts'
import { textOf } from '../../src/kube/generate/text.ts'
import type { KubeClaim } from '../../src/kube/objects.ts'
import { podSpec } from '../../src/kube/pod-spec.ts'
import { planVolumes } from '../../src/kube/volumes.ts'
import { workloadOf } from '../../src/kube/workload.ts'
import type { ContainerSpec } from '../../src/spec/container.ts'
import type { PodSpec } from '../../src/spec/pod.ts'

const now = '2026-01-02T03:04:05Z'

const described = (spec: ContainerSpec, more: Partial<Described> = {}): Described => ({
  name: 'c',
  image: 'localhost/x',
  imageEntrypoint: 'no',
  ports: [],
  spec,
  ...more,
})

const generated = (containers: readonly Described[], pod: PodSpec = {}) =>
  kubePod({
    name: 'p',
    containers,
    pod: { spec: pod, ports: [{ hostPort: 8080, containerPort: 80, range: 2, protocol: 'udp' }] },
    reserved: 'without-reserved',
    typeOf: path => (path.endsWith('.txt') ? 'File' : 'Directory'),
  })

/** What is written, read again and planned. */
function back(containers: readonly Described[], pod: PodSpec = {}) {
  const text = textOf([documentOf(generated(containers, pod), now, { type: 'pod' })], '0')
  const workload = readDocuments(text).map(workloadOf)[0]
  if (!workload) throw new Error('no pod')
  const sources = { configMaps: new Map(), secrets: new Map() }
  const { name, metadata, spec } = workload
  const around = {
    id: 'id',
    name,
    metadata,
    spec,
    sources,
    volumes: planVolumes(name, spec, sources),
    annotations: metadata.annotations ?? {},
    names: 'plain' as const,
    seccompRoot: '/',
    host: { memory: 2 ** 30, cpu: 2 },
  }
  return {
    pod: podSpec(workload, {}),
    containers: (spec.containers ?? []).map(each => containerSpec(each, around, 'main')),
    init: (spec.initContainers ?? []).map(each => containerSpec(each, around, 'init')),
  }
}

test('what is generated is played as what it was generated from', t => {
  const spec: ContainerSpec = {
    process: {
      entrypoint: ['run'],
      command: ['yes', '0755', '1:30', 'a: b', '~', '2026-01-02', 'two\nlines'],
      env: { ON: 'on', EMPTY: '', DOLLAR: '$x' },
      workdir: '/w',
      user: '7:8',
      terminal: 'tty',
      stdin: 'open',
      stopTimeout: 3,
      rlimits: [{ type: 'nofile', soft: 10, hard: 20 }],
    },
    security: {
      noNewPrivileges: 'yes',
      capabilities: { add: ['CAP_NET_ADMIN'], drop: ['CAP_FOWNER'] },
      unmask: ['all'],
      labels: ['level:s0', 'disable'],
      seccomp: 'unconfined',
    },
    resources: {
      memory: { limit: 100 * 2 ** 20, reservation: 12_345 },
      cpu: { quota: 150_000, period: 100_000, cpus: '0', mems: '0' },
      pids: { limit: 9 },
    },
    mounts: {
      rootfs: { readonly: 'yes' },
      mounts: [
        { kind: 'bind', source: '/a/B.txt', destination: '/b', options: ['ro'] },
        { kind: 'volume', name: 'My_Volume', destination: '/v', options: [], subPath: 's' },
        { kind: 'tmpfs', destination: '/t', options: [] },
      ],
    },
    health: { test: ['CMD', 'check'], interval: 5e9, timeout: 2e9, startPeriod: 1e9, retries: 4 },
    restart: { name: 'on-failure' },
  }
  const pod: PodSpec = {
    hostname: 'h',
    infraName: 'holder',
    labels: { a: 'b' },
    share: ['net', 'ipc', 'uts', 'pid'],
    network: {
      mode: { kind: 'host' },
      hosts: ['a;b:10.0.0.1'],
      dns: { servers: ['1.1.1.1'], options: ['ndots:2', 'x'] },
    },
  }
  const read = back([described(spec)], pod)
  const [container] = read.containers
  t.deepEqual(container?.process, spec.process)
  t.deepEqual(container?.security, { ...spec.security })
  t.deepEqual(container?.resources, spec.resources)
  t.deepEqual(container?.health, { ...spec.health, startPeriodRuns: 'none', onFailure: 'restart' })
  t.deepEqual(container?.mounts, {
    rootfs: { readonly: 'yes' },
    readOnlyTmpfs: 'always',
    mounts: [
      { kind: 'bind', source: '/a/B.txt', destination: '/b', options: ['ro', 'rbind'] },
      { kind: 'volume', name: 'My_Volume', destination: '/v', options: [], subPath: 's' },
      { kind: 'tmpfs', destination: '/t', options: [] },
    ],
  })
  t.like(read.pod, {
    name: 'p',
    infraName: 'holder',
    labels: { a: 'b', app: 'p' },
    restart: { name: 'on-failure' },
  })
  t.deepEqual(read.pod.share, pod.share)
  t.deepEqual(read.pod.network?.hosts, ['a;b:10.0.0.1'])
  t.deepEqual(read.pod.network?.dns, { servers: ['1.1.1.1'], search: [], options: ['ndots:2', 'x'] })
})

test('a command is the program, or arguments where the image has one; init containers stand apart; ports with the first', t => {
  const spec: ContainerSpec = { process: { command: ['x'] } }
  const { spec: pod } = generated([
    described({ initContainer: 'always' }, { name: 'i_1' }),
    described(spec, { imageEntrypoint: 'yes' }),
    described(spec, { name: 'd' }),
  ])
  t.deepEqual(pod.containers, [
    {
      args: ['x'],
      image: 'localhost/x',
      name: 'c',
      ports: [
        { containerPort: 80, hostPort: 8080, protocol: 'UDP' },
        { containerPort: 81, hostPort: 8081, protocol: 'UDP' },
      ],
    },
    { command: ['x'], image: 'localhost/x', name: 'd' },
  ])
  t.deepEqual(pod.initContainers, [{ image: 'localhost/x', name: 'i1' }])
})

test('what older readers of YAML take for something else is quoted', t => {
  const text = textOf([{ b: ['yes', '0o7', 'null', '12:30:45', '2026-01-02T03:04:05Z', 'plain'], a: 'off' }], '1.2')
  t.is(
    text.split('\n').slice(4).join('\n'),
    'a: "off"\nb:\n- "yes"\n- "0o7"\n- "null"\n- "12:30:45"\n- "2026-01-02T03:04:05Z"\n- plain\n',
  )
  t.regex(
    text,
    /^# Save the output of this file and use kubectl create -f to import\n# it into Kubernetes\.\n#\n# Created with podman-1\.2\n/,
  )
})

test('other kinds hold the pod, if its restart policy is one of theirs', t => {
  const pod = generated([described({})])
  const kind = (type: string, restart?: 'Always' | 'Never') =>
    documentOf({ ...pod, spec: { ...pod.spec, ...(restart && { restartPolicy: restart }) } }, now, {
      type: typeNamed(type),
      replicas: 2,
    })
  t.like(kind('deployment'), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'p-deployment' },
    spec: { replicas: 2 },
  })
  t.like(kind('DaemonSet'), { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'p-daemonset' } })
  t.like(kind('job'), { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: { restartPolicy: 'Never' } } } })
  t.throws(() => kind('deployment', 'Never'), { message: /^k8s Deployments can only/ })
  t.throws(() => kind('daemonset', 'Never'), { message: /^k8s DaemonSets can only/ })
  t.throws(() => kind('job', 'Always'), { message: /^k8s Jobs can not/ })
  t.throws(() => kind('cronjob'), { code: 'SPEC_INVALID', message: /currently supported: cronjob$/ })
})

test('a service has the ports of the pod', t => {
  const service = serviceOf(generated([described({})]), now, index => 30_000 + index)
  t.deepEqual(service.spec, {
    ports: [
      { name: '80', nodePort: 30_000, port: 80, protocol: 'UDP', targetPort: 80 },
      { name: '81', nodePort: 30_001, port: 81, protocol: 'UDP', targetPort: 81 },
    ],
    selector: { app: 'p' },
    type: 'NodePort',
  })
})

test('a volume becomes a claim that makes the same volume; ids of claims are numbers', t => {
  const spec = {
    name: 'v',
    driver: 'local',
    labels: { a: 'b' },
    options: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,uid=5' },
  }
  const record = {
    ...spec,
    mountPoint: '/',
    createdAt: now,
    anonymous: 'no' as const,
    uid: 5,
    gid: 0,
    mountCount: 0,
    needsCopyUp: 'no' as const,
    needsChown: 'no' as const,
  }
  const [claim] = readDocuments(textOf([claimOf(record, now)], '0'))
  t.deepEqual(claimSpec(claim as KubeClaim), spec)
  const [owned] = readDocuments(textOf([claimOf({ ...record, options: {} }, now)], '0'))
  t.deepEqual(claimSpec(owned as KubeClaim).options, { o: 'uid=5' }, 'of an option of its own')
  const wrong = {
    metadata: { name: 'v', annotations: { 'volume.podman.io/uid': '-1' } },
    kind: 'PersistentVolumeClaim' as const,
  }
  t.throws(() => claimSpec(wrong), {
    code: 'KUBE_INVALID',
    message: 'persistent volume claim v: cannot convert uid -1 to integer',
  })
})
