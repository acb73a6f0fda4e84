import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

const unconfinable = [
  ['--security-opt', 'apparmor=mine'],
  'apparmor profile "mine" specified, but Apparmor is not enabled on this system',
] as const

test('what cannot ever run is refused when it is made, in Podman’s words, and leaves no container', async t => {
  const cli = await openCliWithBusybox(t, 'refused')
  await cli.ok('create', '--name', 'other', '--volume', 'kept:/kept', busybox)
  const gone = join(cli.directory, 'gone')
  const noContainer = 'no container with name or ID "nope" found: no such container'
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--tmpfs', '/b:foo'], 'unknown mount option "foo": invalid mount option'],
    [['--volumes-from', 'nope'], `looking up container "nope" for volumes-from: ${noContainer}`],
    [
      ['--volumes-from', 'other:foo'],
      'invalid option "foo" specified - volumes from another container can only use z,ro,rw options',
    ],
    [['--volumes-from', 'other:ro,rw'], 'cannot set ro or rw options more than once'],
    [['--requires', 'nope'], `"nope" is not a valid container, cannot be used as a dependency: ${noContainer}`],
    [['--secret', 'nope'], 'no secret with name or id "nope": no such secret'],
    [['--userns', 'private'], 'must provide at least one UID or GID mapping to configure a user namespace'],
    [['--pid', 'container:nope'], `looking up container to share pid namespace with: ${noContainer}`],
    [['--network', 'container:nope'], `looking up container to share net namespace with: ${noContainer}`],
    [['--pid', `ns:${gone}`], `cannot find specified PID namespace path: stat ${gone}: no such file or directory`],
    [['--userns', `ns:${gone}`], `cannot find specified user namespace path: stat ${gone}: no such file or directory`],
    [['--security-opt', `seccomp=${gone}`], `opening seccomp profile failed: open ${gone}: no such file or directory`],
    [['--cgroup-parent', 'x.slice'], 'systemd slice received as cgroup parent when using cgroupfs: invalid argument'],
    ...(existsSync('/sys/module/apparmor') ? [] : [unconfinable]),
    [['--cap-add', 'fly'], '"CAP_FLY": unknown capability'],
    [['--rootfs', gone], `running container create option: faccessat ${gone}: no such file or directory`],
    [['--restart', 'foo'], '"foo" is not a valid restart policy: invalid argument'],
  ]
  for (const [options, message] of cases) {
    const { code, stderr } = await cli.run(['create', ...options, busybox])
    t.deepEqual([code, stderr.split('\n')[0]], [125, `Error: ${message}`], options.join(' '))
  }
  t.is(await cli.ok('ps', '--all', '--format', '{{.Names}}'), 'other')
})

test('a root that no file system can give is refused and not tried for ever', async t => {
  const cli = await openCliWithBusybox(t, 'root-in-proc')
  for (const option of ['--root', '--runroot', '--tmpdir']) {
    const { code, stderr } = await cli.run([option, '/proc/no/such', 'images'])
    t.deepEqual([code, stderr], [125, 'Error: mkdir /proc/no: no such file or directory\n'], option)
  }
})

test('name servers of a network: the CNI back end has none to change', async t => {
  const cli = await openCliWithBusybox(t, 'network-update')
  const noServers = 'NetworkUpdate is not supported for backend CNI: invalid argument'
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['podman', '--dns-add', '8.8.8.8,1.1.1.1', '--dns-drop', '3.3.3.3'], noServers],
    [[], 'accepts 1 arg(s), received 0'],
  ]
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await cli.run(['network', 'update', ...args])
    t.deepEqual([code, stdout, stderr], [125, '', `Error: ${message}\n`], args.join(' '))
  }
})

test('an address that nobody serves is named along with why', async t => {
  const cli = await openCliWithBusybox(t, 'unserved')
  const address = `http://127.0.0.1:${await freePort()}`
  for (const [command, named] of [
    [['import', `${address}/root.tar`], `downloading ${address}…`],
    [['kube', 'play', `${address}/pod.yaml`], `${address}/pod.yaml`],
  ] as const) {
    const { code, stderr } = await cli.run(command)
    t.deepEqual([code, stderr], [125, `Error: ${named}: connect ECONNREFUSED ${address.slice('http://'.length)}\n`])
  }
})

test('volumes, networks and secrets that cannot be made or removed so are refused, in words that say why', async t => {
  const cli = await openCliWithBusybox(t, 'objects')
  const conflicts = 'because it conflicts with a valid network mode'
  const timeAlone = '--force option must be specified to use the --time option'
  const cases: readonly (readonly [readonly string[], string])[] = [
    [
      ['volume', 'create', '--opt', 'o=size=1m', 'v'],
      'volume options size and inodes are supported only with type=tmpfs',
    ],
    [['volume', 'create', '--opt', 'o=size=x', 'v'], "cannot convert size x to integer: invalid size: 'x'"],
    [
      ['volume', 'create', '--opt', 'o=inodes=x', 'v'],
      'cannot convert inodes x to integer: strconv.ParseUint: parsing "x": invalid syntax',
    ],
    ...['--add-host=a:1.2.3.4', '--ip=1.2.3.4', '--publish=80', '--share=net'].map(
      (option): [readonly string[], string] => [
        ['pod', 'create', '--infra=false', option],
        `${option.replace(/=.*/, '')} needs an infra container, and --infra=false is given`,
      ],
    ),
    [['stats', '--interval', '0'], 'invalid interval, must be a positive number greater zero'],
    [['pull', `oci:${cli.directory}/no`], `${cli.directory}/no: file "oci-layout" not found`],
    [
      ['create', '--label-file', `${cli.directory}/no`, busybox],
      `unable to process labels: open ${cli.directory}/no: no such file or directory`,
    ],
    [
      ['create', '--cidfile', `${cli.directory}/no/id`, busybox],
      `creating container id file ${cli.directory}/no/id: no such file or directory`,
    ],
    [['volume', 'rm'], 'choose either one or more volumes or all'],
    [['volume', 'rm', '--time', '1', 'v'], timeAlone],
    [['volume', 'inspect', '--all', 'v'], 'provide one or more volume names or use --all'],
    [['network', 'create', 'bridge'], `cannot create network with name "bridge" ${conflicts}`],
    [['network', 'create', 'default'], `cannot create network with name "default" ${conflicts}`],
    [['network', 'create', '--gateway', '10.0.0.1', 'n'], 'cannot set gateway or range without subnet'],
    [['network', 'create', '--opt', 'parent=lo', 'n'], 'unsupported network option parent'],
    [['network', 'rm', '--time', '1', 'n'], timeAlone],
    [['network', 'rm', 'podman'], 'default network podman cannot be removed'],
    [['secret', 'create', 's', cli.directory], `reading secret data: read ${cli.directory}: is a directory`],
  ]
  for (const [args, message] of cases) {
    const { code, stderr } = await cli.run(['--network-config-dir', join(cli.directory, 'cni'), ...args])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`], args.join(' '))
  }
  t.is(await cli.ok('volume', 'ls', '--quiet'), '')
})
