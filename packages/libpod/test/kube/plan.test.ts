import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import { containerSpec, type PodAround, pullPolicy } from '../../src/kube/container-spec.ts'
import { buildFile } from '../../src/kube/images.ts'
import type { KubeContainer, KubePodSpec } from '../../src/kube/objects.ts'
import { podSpec } from '../../src/kube/pod-spec.ts'
import { planVolumes } from '../../src/kube/volumes.ts'
import { checkNames, workloadOf } from '../../src/kube/workload.ts'

const sources = {
  configMaps: new Map([['map', { kind: 'ConfigMap' as const, metadata: { name: 'map' }, data: { 'a.conf': 'a' } }]]),
  secrets: new Map(),
}

const around = (spec: KubePodSpec, annotations: Readonly<Record<string, string>> = {}): PodAround => ({
  id: 'id',
  name: 'p',
  metadata: { name: 'p', labels: { app: 'web' } },
  spec,
  volumes: planVolumes('p', spec, sources),
  sources,
  annotations,
  names: 'prefixed',
  seccompRoot: '/profiles',
  host: { memory: 2 ** 30, cpu: 2 },
})

const planned = (
  container: KubeContainer,
  spec: KubePodSpec = {},
  annotations: Readonly<Record<string, string>> = {},
) => containerSpec({ name: 'c', image: 'localhost/x', ...container }, around(spec, annotations), 'main')

test('process: command and arguments, with references; the container’s user counts more than the pod’s', t => {
  const { process, name } = planned(
    {
      command: ['run', '$(A)'],
      args: ['$(A)'],
      env: [{ name: 'A', value: 'x' }],
      workingDir: '/w',
      tty: true,
      securityContext: { runAsUser: 7 },
    },
    {
      terminationGracePeriodSeconds: 3,
      securityContext: { runAsUser: 1, runAsGroup: 2, supplementalGroups: [5], fsGroup: 6 },
    },
  )
  t.is(name, 'p-c')
  t.deepEqual(process, {
    env: { A: 'x' },
    entrypoint: ['run', 'x'],
    command: ['x'],
    workdir: '/w',
    user: '7:2',
    supplementaryGroups: ['5', '6'],
    terminal: 'tty',
    stopTimeout: 3,
  })
})

test('security and resources', t => {
  const { security, resources } = planned(
    {
      securityContext: {
        allowPrivilegeEscalation: false,
        procMount: 'Unmasked',
        capabilities: { add: ['net_admin'], drop: ['ALL'] },
        seLinuxOptions: { level: 's0:c1' },
        seccompProfile: { type: 'Localhost', localhostProfile: 'mine.json' },
      },
      resources: {
        limits: { cpu: '1500m', memory: '1Gi', 'podman.io/device=/dev/fuse': '1', 'v.com/gpu=all': '1' },
        requests: { memory: '5e2', 'podman.io/device=/dev/null': '1' },
      },
    },
    {},
    {
      'io.podman.annotations.pids-limit/c': '20',
      'io.podman.annotations.cpuset/c': '0',
      'io.podman.annotations.pids-limit/d': '1',
    },
  )
  t.deepEqual(security, {
    noNewPrivileges: 'yes',
    capabilities: { add: ['CAP_NET_ADMIN'], drop: ['ALL'] },
    unmask: ['all'],
    labels: ['level:s0:c1'],
    seccomp: '/profiles/mine.json',
    devices: [{ hostPath: '/dev/null' }, { hostPath: '/dev/fuse' }, { hostPath: 'v.com/gpu=all' }],
  })
  t.deepEqual(resources, {
    memory: { limit: 2 ** 30, reservation: 500 },
    cpu: { quota: 150_000, period: 100_000, cpus: '0' },
    pids: { limit: 20 },
  })
  t.throws(() => planned({ resources: { limits: { memory: '1GiB' } } }), {
    code: 'KUBE_INVALID',
    message: 'container c: resources.limits.memory: "1GiB" is not a quantity such as 500m or 64Mi',
  })
})

test('volumes become mounts and devices', t => {
  const volumes = [
    { name: 'host', hostPath: { path: '/src', type: 'Directory' } },
    { name: 'word', hostPath: { path: 'word' } },
    { name: 'dev', hostPath: { path: '/dev/fuse', type: 'CharDevice' } },
    { name: 'empty', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'claim', persistentVolumeClaim: { claimName: 'mine', readOnly: true } },
    { name: 'files', configMap: { name: 'map' } },
  ] as const
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  const { mounts, security } = planned(
    { volumeMounts: [...volumeMounts, { name: 'host', mountPath: '/h:z', readOnly: true, subPath: 'a' }] },
    { volumes },
  )
  t.deepEqual(mounts?.mounts, [
    { kind: 'bind', source: '/src', destination: '/host', options: ['rbind'] },
    { kind: 'volume', name: 'word', destination: '/word', options: [] },
    { kind: 'volume', name: 'p-empty', destination: '/empty', options: ['nocopy'] },
    { kind: 'tmpfs', destination: '/memory', options: ['size=1048576'] },
    { kind: 'volume', name: 'mine', destination: '/claim', options: ['ro'] },
    { kind: 'volume', name: 'p-files', destination: '/files', options: ['nocopy'] },
    { kind: 'bind', source: '/src', destination: '/h', options: ['z', 'ro', 'rbind'], subPath: 'a' },
  ])
  t.deepEqual(security?.devices, [{ hostPath: '/dev/fuse', containerPath: '/dev' }])
})

test('files of a volume stay within it', t => {
  const file = (path: string) =>
    planVolumes(
      'p',
      { volumes: [{ name: 'v', configMap: { name: 'map', items: [{ key: 'a.conf', path, mode: 0o400 }] } }] },
      sources,
    )
  t.deepEqual(file('sub/x').get('v'), {
    kind: 'own',
    name: 'p-v',
    files: [{ path: 'sub/x', bytes: Buffer.from('a'), mode: 0o400 }],
  })
  for (const path of ['../x', '/etc/x', 'a/../../x', '', './x']) t.throws(() => file(path), { code: 'KUBE_INVALID' })
  const optional = { name: 'v', configMap: { name: 'none', optional: true } }
  t.deepEqual(planVolumes('p', { volumes: [optional] }, sources).get('v'), { kind: 'own', name: 'p-v', files: [] })
  t.throws(() => planVolumes('p', { volumes: [{ name: 'v', secret: { secretName: 'none' } }] }, sources), {
    message: 'spec.volumes[0]: no such Secret "none"',
  })
})

test('mounts that nothing is behind are refused', t => {
  const volumes = [{ name: 'host', hostPath: { path: '/src' } }]
  const mount = (one: NonNullable<KubeContainer['volumeMounts']>[number]) =>
    planned({ volumeMounts: [one] }, { volumes })
  t.throws(() => mount({ name: 'no', mountPath: '/x' }), {
    message: /^volume mount no: specified for container but not configured/,
  })
  t.throws(() => mount({ name: 'host', mountPath: 'x' }), { message: /incorrect volume format/ })
})

test('a container goes when it ends, with its image or not, if its annotation says so', t => {
  const key = 'io.podman.annotations.autoremove'
  t.is(planned({}, {}, { [`${key}/c`]: 'TRUE' }).onExit, 'remove')
  t.is(planned({}, {}, { [`${key}-image/c`]: 'true' }).onExit, 'remove-with-image')
  t.is(planned({}, {}, { [`${key}/other`]: 'true', [`${key}-image/c`]: 'false' }).onExit, undefined)
})

test('probes become health checks that restart what is to go on', t => {
  const container: KubeContainer = {
    ports: [{ name: 'web', containerPort: 80 }],
    livenessProbe: { httpGet: { port: 'web', path: '/ok' }, periodSeconds: 5, initialDelaySeconds: 2 },
    startupProbe: { tcpSocket: { port: '80' }, failureThreshold: 9 },
  }
  t.deepEqual(planned(container).health, {
    test: ['CMD-SHELL', 'curl', '-f', 'http://localhost:80/ok', '||', 'exit', '1'],
    interval: 5e9,
    timeout: 1e9,
    startPeriod: 2e9,
    startPeriodRuns: 'none',
    retries: 3,
    startup: {
      test: ['CMD-SHELL', 'nc', '-z', '-v', 'localhost', '80', '||', 'exit', '1'],
      interval: 10e9,
      timeout: 1e9,
      retries: 9,
    },
    onFailure: 'restart',
  })
  t.is(
    planned({ livenessProbe: { exec: { command: ['true'] } } }, { restartPolicy: 'Never' }).health?.onFailure,
    undefined,
  )
  t.throws(() => planned({ livenessProbe: { tcpSocket: { port: 'no' } } }), {
    message: 'livenessProbe.tcpSocket.port: unknown port: no',
  })
})

test('the pull policy goes by the tag when none is named', t => {
  t.is(pullPolicy('quay.io/a/b', undefined), 'newer')
  t.is(pullPolicy('quay.io/a/b:latest', undefined), 'newer')
  t.is(pullPolicy('quay.io:5000/a/b:1', undefined), 'missing')
  t.is(pullPolicy('localhost/a:latest', undefined), 'newer')
  t.is(pullPolicy('a/b:latest', undefined), 'missing')
  t.is(pullPolicy('a@sha256:00', 'IfNotPresent'), 'missing')
  t.is(pullPolicy('a', 'Always'), 'always')
  t.throws(() => pullPolicy('a', 'Often'), { code: 'KUBE_INVALID' })
})

const workload = (spec: KubePodSpec) => ({ name: 'p', metadata: { name: 'p' }, spec })

test('a pod: network, ports of its containers and instead of them those asked for, hosts, kernel parameters', t => {
  const spec: KubePodSpec = {
    hostname: 'inside',
    hostPID: true,
    restartPolicy: 'OnFailure',
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a', 'b'] }],
    securityContext: { sysctls: [{ name: 'net.x', value: '1' }] },
    containers: [
      {
        ports: [
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 81, protocol: 'UDP' },
          { containerPort: 82, hostPort: 82 },
        ],
      },
    ],
  }
  const asked = podSpec(workload(spec), { publish: [{ containerPort: 82, hostPort: 9000, protocol: 'tcp' }] })
  t.like(asked, { name: 'p', hostname: 'inside', restart: { name: 'on-failure' }, exitPolicy: 'stop' })
  t.deepEqual(asked.share, ['net', 'ipc', 'uts', 'pid'])
  t.deepEqual(asked.network, {
    mode: { kind: 'bridge', networks: [{ name: 'podman-default-kube-network' }] },
    ports: [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostPort: 9000, containerPort: 82, protocol: 'tcp' },
    ],
    hosts: ['a;b:10.0.0.1'],
  })
  t.deepEqual(asked.security, { namespaces: { pid: { kind: 'host' } }, sysctl: { 'net.x': '1' } })
  t.is(podSpec(workload(spec), { publishAll: 'yes' }).network?.ports?.length, 3)
  const onHost = podSpec(workload({ hostNetwork: true, hostname: 'inside' }), {})
  t.deepEqual(onHost.network, { mode: { kind: 'host' } })
  t.deepEqual(onHost.security?.namespaces, { uts: { kind: 'host' } })
  t.is(onHost.hostname, undefined)
  const named = podSpec(workload({ containers: [{ name: 'a' }, { name: 'b' }] }), {
    network: { kind: 'bridge', networks: [{ name: 'n', aliases: ['own'] }] },
  })
  t.deepEqual(named.network?.mode, { kind: 'bridge', networks: [{ name: 'n', aliases: ['own', 'a', 'b'] }] })
  const users = (own: KubePodSpec, annotations = {}) =>
    podSpec({ name: 'p', metadata: { name: 'p', annotations }, spec: own }, {}).security?.namespaces?.user
  t.deepEqual(users({ hostUsers: false }), { kind: 'auto' })
  t.is(users({ hostUsers: true }), undefined)
  t.deepEqual(users({}, { 'io.podman.annotations.userns/p': 'keep-id' }), { kind: 'keep-id' })
  t.deepEqual(users({ hostUsers: false }, { 'io.podman.annotations.userns': 'host' }), { kind: 'host' })
  const key = 'io.podman.annotations.userns'
  t.deepEqual(users({}, { [key]: 'keep-id:uid=5,gid=6' }), { kind: 'keep-id', uid: 5, gid: 6 })
  t.deepEqual(users({}, { [key]: 'auto:size=70000' }), { kind: 'auto', size: 70000 })
  t.throws(() => users({}, { [key]: 'auto:uid=5' }), { message: /unknown option "uid=5"/ })
  t.throws(() => podSpec(workload(spec), { hostsFile: 'leave' }), {
    message: /HostAliases in yaml file will not work with --no-hosts/,
  })
  t.throws(() => podSpec(workload({ hostNetwork: true }), { staticIp: '10.0.0.1' }), {
    message: /only be set when the network mode is bridge/,
  })
})

test('workloads are pods under names of their own; names of containers are theirs alone', t => {
  const template = { metadata: { labels: { a: 'b' } }, spec: {} }
  for (const kind of ['Deployment', 'DaemonSet', 'Job'] as const)
    t.deepEqual(workloadOf({ kind, metadata: { name: 'w' }, spec: { template } }), {
      name: 'w-pod',
      metadata: { labels: { a: 'b' }, name: 'w-pod' },
      spec: {},
    })
  t.throws(() => workloadOf({ kind: 'Pod' }), { message: 'pod does not have a name' })
  t.is(workloadOf({ kind: 'ConfigMap' }), undefined)
  t.throws(() => checkNames(workload({ containers: [{ name: 'c' }], initContainers: [{ name: 'c' }] })), {
    message: 'the pod "p" is invalid; duplicate container name "c" detected',
  })
  t.throws(() => checkNames(workload({ initContainers: [{ name: 'c', startupProbe: {} }] })), {
    message: /^cannot create an init container/,
  })
})

test('an image is built in the directory of its name, and nowhere above', async t => {
  const directory = await tempDir(t, 'kube-build-file')
  for (const name of ['one', 'two']) await mkdir(join(directory, 'below', name), { recursive: true })
  for (const file of ['Dockerfile', 'below/one/Dockerfile', 'below/two/Dockerfile', 'below/two/Containerfile'])
    await writeFile(join(directory, file), '')
  const found = (image: string) => buildFile(image, join(directory, 'below'))
  for (const image of ['one', 'one:1', 'localhost/one', 'quay.io:5000/x/one:1@sha256:00'])
    t.is(found(image), join(directory, 'below/one/Dockerfile'))
  t.is(found('two'), join(directory, 'below/two/Containerfile'))
  for (const image of ['none', '..', 'x/..', '.', '']) t.is(found(image), undefined)
  t.is(buildFile('one', undefined), undefined)
})

test('annotations: what auto-update is to do, of a container or all; those of a deployment are its pod’s', t => {
  const key = 'io.containers.autoupdate'
  t.deepEqual(planned({}, {}, { [key]: 'registry', [`${key}/d`]: 'local', [`${key}.authfile/c`]: '/a' }).labels, {
    [key]: 'registry',
    [`${key}.authfile`]: '/a',
    app: 'web',
  })
  t.is(planned({}, {}, { [key]: 'registry', [`${key}/c`]: 'local' }).labels?.[key], 'local')
  const deployment = {
    kind: 'Deployment' as const,
    metadata: { name: 'd', annotations: { a: 'of all', b: 'b' } },
    spec: { template: { metadata: { annotations: { a: 'own' } } } },
  }
  t.deepEqual(workloadOf(deployment)?.metadata.annotations, { a: 'own', b: 'b' })
  t.throws(() => planned({}, {}, { 'io.podman.annotations.volumes-from': 'x' }), {
    message: /without target volume is reserved for internal use/,
  })
  const env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a']" } } }]
  t.is(planned({ env }, {}, { a: 'asked for' }).process?.env?.A, 'asked for')
})
