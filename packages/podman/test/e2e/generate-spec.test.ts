import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

type Json = Readonly<Record<string, unknown>>

interface Recorded {
  readonly name: string
  readonly options: readonly string[]
  readonly command: readonly string[]
  readonly spec: Json
}

const fixture = new URL('../fixtures/podman-5.8.6/generate-spec.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { readonly cases: readonly Recorded[] }

const generated = async (cli: Cli, ...args: string[]): Promise<Json> =>
  JSON.parse(await cli.ok('generate', 'spec', ...args))

test('a description has every field that Podman prints, with its value and in its order', async t => {
  const cli = await openCliWithBusybox(t, 'generate-spec')
  for (const { name, options, command, spec } of cases) {
    const id = await cli.ok('create', '--name', name, ...options, busybox, ...command)
    const text = await cli.ok('generate', 'spec', name)
    const { env, ...ours } = JSON.parse(text.replaceAll(`"${id.slice(0, 12)}"`, '"ID"')) as Json
    const { PATH: _, ...variables } = env as Readonly<Record<string, string>>
    const all: Json = { ...ours, env: variables }
    const common = Object.fromEntries(Object.keys(spec).map(key => [key, all[key]]))
    t.deepEqual(common, spec, name)
    const inOrder = Object.keys(JSON.parse(text) as Json).filter(key => key in spec)
    t.deepEqual(
      inOrder,
      Object.keys(spec).filter(key => inOrder.includes(key)),
      name,
    )
  }
})

const picked = (spec: Json, ...keys: string[]): Json => Object.fromEntries(keys.map(key => [key, spec[key]]))

test('nothing is left out that a container was asked to be', async t => {
  const cli = await openCliWithBusybox(t, 'generate-spec-more')
  const first = await cli.ok('create', '--name', 'first', '--volume', 'lent:/lent', busybox)
  const isolation = ['--cap-add', 'NET_ADMIN', '--cap-drop', 'CHOWN', '--security-opt', 'no-new-privileges']
  const profiles = ['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined', '--read-only']
  const joined = ['--pid', 'container:first', '--ipc', 'host', '--uts', 'host', '--network', 'host']
  const rest = ['--ulimit', 'core=-1', '--rm', '--unsetenv', 'PATH', '--cgroup-parent', '/elsewhere']
  const names = ['--dns-search', 'example.org', '--add-host', 'there:192.0.2.1', '--volumes-from', 'first:ro']
  await cli.ok('create', '--name', 'second', ...isolation, ...profiles, ...joined, ...rest, ...names, busybox)
  const text = await cli.ok('generate', 'spec', '--compact', 'second')
  t.true(text.includes('"r_limits":[{"type":"core","hard":18446744073709551615,"soft":18446744073709551615}]'), text)
  const expected = {
    unsetenv: ['PATH'],
    remove: true,
    pidns: { nsmode: 'container', value: first },
    ipcns: { nsmode: 'host' },
    utsns: { nsmode: 'host' },
    netns: { nsmode: 'host' },
    Networks: null,
    volumes: [
      {
        Name: 'lent',
        Dest: '/lent',
        Options: ['ro', 'rprivate', 'nosuid', 'nodev', 'rbind'],
        IsAnonymous: false,
        SubPath: '',
      },
    ],
    cap_add: ['NET_ADMIN'],
    cap_drop: ['CHOWN'],
    no_new_privileges: true,
    seccomp_profile_path: 'unconfined',
    apparmor_profile: 'unconfined',
    read_only_filesystem: true,
    read_write_tmpfs: true,
    cgroup_parent: '/elsewhere',
    dns_search: ['example.org'],
    hostadd: ['there:192.0.2.1'],
  }
  const spec = JSON.parse(text) as Json
  t.deepEqual(picked(spec, ...Object.keys(expected)), expected)
  t.false('shm_size' in spec, 'the shared memory of the host has its size')
})

test('mapped ids, secrets and images are described', async t => {
  const cli = await openCliWithBusybox(t, 'generate-spec-kinds')
  const secret = join(cli.directory, 'secret')
  writeFileSync(secret, 'hush')
  await cli.ok('secret', 'create', 'key', secret)
  const ids = ['--uidmap', '0:100000:1000', '--gidmap', '0:200000:1000']
  const secrets = ['--secret', 'key,target=/there,uid=5', '--secret', 'key,type=env,target=KEY']
  const image = ['--mount', `type=image,source=${busybox},destination=/image,rw=true`]
  await cli.ok('create', '--name', 'first', ...ids, ...secrets, ...image, busybox)
  const spec = await generated(cli, 'first')
  t.deepEqual(spec.userns, { nsmode: 'private' })
  t.like(spec.idmappings, {
    HostUIDMapping: false,
    UIDMap: [{ container_id: 0, host_id: 100000, size: 1000 }],
    GIDMap: [{ container_id: 0, host_id: 200000, size: 1000 }],
  })
  t.deepEqual(spec.secrets, [{ Source: 'key', Target: '/there', UID: 5, GID: 0, Mode: 0o444 }])
  t.deepEqual(spec.secret_env, { KEY: 'key' })
  t.deepEqual(spec.image_volumes, [{ Source: busybox, Destination: '/image', ReadWrite: true }])
})

test('a pod is described by itself, its containers by what they have of it', async t => {
  const cli = await openCliWithBusybox(t, 'generate-spec-pod')
  t.teardown(() => cli.ok('pod', 'rm', '--all', '--force', '--time', '0'))
  const asked = [
    '--label',
    'a=b',
    '--publish',
    '8081:80',
    '--memory',
    '100m',
    '--dns',
    '192.0.2.1',
    '--share',
    'net,ipc',
  ]
  const id = await cli.ok('pod', 'create', '--name', 'pod', ...asked, '--sysctl', 'net.ipv4.ip_forward=1')
  const infra = await cli.ok('pod', 'inspect', '--format', '{{.InfraContainerID}}', 'pod')
  const pod = await generated(cli, 'pod')
  const expected = {
    name: 'pod-clone',
    labels: { a: 'b' },
    ipcns: { nsmode: 'default' },
    shared_namespaces: ['net', 'ipc'],
    pidns: { nsmode: 'default' },
    userns: { nsmode: 'default' },
    utsns: { nsmode: 'private' },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    netns: { nsmode: 'bridge' },
    portmappings: [{ host_ip: '', container_port: 80, host_port: 8081, range: 1, protocol: 'tcp' }],
    Networks: { podman: { aliases: [infra.slice(0, 12), 'pod'], interface_name: 'eth0' } },
    dns_server: ['192.0.2.1'],
    shm_size: 65536000,
  }
  t.deepEqual(picked(pod, ...Object.keys(expected)), expected)
  t.like(pod.resource_limits, { memory: { limit: 104857600 } })
  await cli.ok('create', '--pod', 'pod', '--name', 'member', busybox)
  const member = await generated(cli, 'member')
  const shared = { pod: id, netns: {}, ipcns: {}, pidns: { nsmode: 'default' }, Networks: null }
  t.deepEqual(picked(member, ...Object.keys(shared)), shared)
  t.false('cgroup_parent' in member)
  await cli.ok('pod', 'create', '--name', 'bare', '--infra=false')
  t.like(await generated(cli, 'bare'), { name: 'bare-clone', no_infra: true, netns: {}, Networks: null })
})

test('the name is one that is free, or its own; the text goes to a file, or out', async t => {
  const cli = await openCliWithBusybox(t, 'generate-spec-name')
  await cli.ok('create', '--name', 'first', busybox)
  await cli.ok('create', '--name', 'first-clone', busybox)
  t.is((await generated(cli, 'first')).name, 'first-clone1')
  t.is((await generated(cli, 'first-clone')).name, 'first-clone1')
  t.is((await generated(cli, '--name=false', 'first')).name, 'first')
  const text = await cli.ok('generate', 'spec', 'first')
  t.is((await cli.ok('generate', 'spec', '-c', 'first')).split('\n').length, 1)
  const file = join(cli.directory, 'spec.json')
  writeFileSync(file, 'what was there before goes, however long it was'.repeat(100))
  t.is(await cli.ok('generate', 'spec', '--filename', file, 'first'), file)
  t.is(readFileSync(file, 'utf8'), text)
  const unknown = await cli.run(['generate', 'spec', 'nobody'])
  t.deepEqual([unknown.code, unknown.stderr], [125, 'Error: could not find a pod or container with the id nobody\n'])
})
