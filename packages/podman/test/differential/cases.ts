import { readdirSync, statSync } from 'node:fs'
import type { SpecCase } from '@libpod/test-kit'

/** Images with configs that are legal and odd, by the Dockerfile words that make them. */
export const oddImages: Readonly<Record<string, readonly string[]>> = {
  'localhost/odd-user:1': ['USER app', 'WORKDIR /home/app'],
  'localhost/odd-numbers:1': ['USER 1000:2000', 'WORKDIR /tmp', 'STOPSIGNAL SIGUSR1'],
  'localhost/odd-entry:1': ['ENTRYPOINT ["/bin/sh","-c","exec sleep 5"]', 'CMD ["ignored"]', 'ENV A=1', 'ENV B='],
  'localhost/odd-env:1': ['ENV PATH=/bin', 'ENV HOME=/elsewhere', 'ENV TERM=dumb', 'ENV container=other'],
  'localhost/odd-labels:1': [
    'LABEL io.podman.annotations.privileged=TRUE',
    'LABEL io.container.manager=evil',
    'LABEL run.oci.handler=krun',
    'LABEL io.podman.annotations.seccomp=unconfined',
    'EXPOSE 80/tcp',
  ],
  'localhost/odd-init:1': ['CMD ["/sbin/init"]', 'STOPSIGNAL 37'],
}

/** A block device of this host; nothing is done with it. */
const disk = `/dev/${readdirSync('/dev').find(name => statSync(`/dev/${name}`, { throwIfNoEntry: false })?.isBlockDevice())}`

const each = (option: string, values: readonly string[]) => values.map(value => [option, value])

const process: readonly (readonly string[])[] = [
  [],
  ['-t'],
  ['-i', '-t'],
  ...each('--workdir', ['/tmp', '/home/app', '/']),
  ...each('--user', ['app', '1000', '1000:5', '0:0', 'root', 'root:tty', 'app:extra']),
  ['--user', 'app', '--group-add', 'tty', '--group-add', '77'],
  ['--group-add', '77'],
  ...each('--env', ['A=b', 'PATH=/bin', 'HOME=/x', 'TERM=vt100', 'A=b=c d', 'EMPTY=']),
  ['--unsetenv', 'PATH'],
  ['--http-proxy=false'],
  ...each('--hostname', ['web', 'a.b.example']),
  ...each('--umask', ['0077', '22', '000']),
  ...each('--oom-score-adj', ['500', '0']),
  ...each('--security-opt', ['no-new-privileges', 'no-new-privileges=false']),
  ...each('--ulimit', ['core=0:0', 'cpu=10:20', 'core=0', 'rtprio=0', 'memlock=65536:65536']),
  ['--annotation', 'a=b', '--annotation', 'c=d=e'],
  ...each('--stop-signal', ['SIGINT', '9', 'RTMIN+3']),
  ['--stop-timeout', '3'],
  ['--entrypoint', '["sleep","9"]'],
  ['--entrypoint', 'sleep'],
  ['--label', 'x=y'],
]

const capabilities = [
  ...each('--cap-add', ['net_admin', 'all', 'chown', 'CAP_SYS_PTRACE,mknod']),
  ['--cap-add', 'all', '--cap-drop', 'sys_admin'],
  ...each('--cap-drop', ['all', 'chown,kill']),
  ['--cap-drop', 'all', '--cap-add', 'kill'],
  ['--user', 'app', '--cap-add', 'net_admin'],
  ['--user', 'app', '--cap-drop', 'all'],
  ['--user', '1000', '--cap-add', 'all'],
]

const namespaces = [
  ...each('--pid', ['host', 'private', 'ns:/proc/self/ns/pid']),
  ...each('--ipc', ['host', 'private', 'shareable', 'none']),
  ...each('--uts', ['host', 'private']),
  ...each('--cgroupns', ['private', 'host']),
  ['--network', 'host'],
  ['--network', 'host', '--uts', 'host'],
  ['--network', 'ns:/proc/self/ns/net'],
  ['--uidmap', '0:100000:5000'],
  ['--uidmap', '0:100000:3'],
  ['--uidmap', '0:100000:5000', '--gidmap', '0:200000:5000'],
  ['--uidmap', '0:100000:1000', '--uidmap', '1000:300000:4000'],
  ['--uidmap', '0:100000:5000', '--pid', 'host'],
]

/** A name for each volume: the peer, asked for several containers at once, fails where two would make the same one. */
const mounts = [
  ...each('-v', ['/tmp:/x', '/tmp:/x:ro', '/tmp:/x:shared', '/tmp:/x:rslave', '/tmp:/x:slave,ro', '/tmp:/x:bind']),
  ...each('-v', ['/tmp:/x:rshared,noexec,nosuid,nodev', '/tmp:/proc/x', '/data', 'named-1:/data', 'named-2:/data:ro']),
  ...each('-v', ['named-3:/data:nocopy', 'named-4:/data:exec', '/dev:/dev', '/sys:/sys', '/tmp:/x:z', '/tmp:/x:Z,ro']),
  ['-v', '/tmp:/a/b/c/d', '-v', '/tmp:/a'],
  ...each('--tmpfs', ['/t', '/t:size=10m,mode=700', '/t:ro,noexec', '/dev/shm', '/t:rw,exec,suid,dev', '/t:mode=1777']),
  ...each('--mount', [
    'type=bind,src=/tmp,dst=/x',
    'type=bind,src=/tmp,dst=/x,ro',
    'type=bind,src=/tmp,dst=/x,readonly=false',
    'type=bind,src=/tmp,dst=/x,bind-propagation=shared',
    'type=bind,src=/tmp,dst=/x,bind-nonrecursive',
    'type=bind,src=/tmp,target=/x,relabel=shared',
    'type=tmpfs,dst=/t,tmpfs-size=10m,tmpfs-mode=1777',
    'type=tmpfs,dst=/t,notmpcopyup',
    'type=tmpfs,dst=/t',
    'type=devpts,dst=/pts',
    'type=volume,src=named-5,dst=/data',
    'type=volume,dst=/data',
    'type=volume,src=named-6,dst=/data,ro',
  ]),
  ...each('--shm-size', ['1m', '64k', '1000000']),
  ['--read-only'],
  ['--read-only', '--tmpfs', '/tmp:size=1m'],
  ...each('--systemd', ['always', 'false', 'true']),
  ['--systemd', 'always', '--read-only'],
  ['--image-volume', 'ignore'],
]

const devices = [
  ...each('--device', ['/dev/null', '/dev/null:/dev/other', '/dev/null:/dev/other:r', '/dev/null:rw']),
  ['--device', '/dev/null', '--device', '/dev/zero:/dev/nought:rwm'],
  ...each('--device-cgroup-rule', ['c 10:229 rw', 'b 8:* r', 'a *:* rwm']),
  ['--device', '/dev/pts'],
]

const resources = [
  ...each('--memory', ['64m', '1g', '67108864b']),
  ['--memory', '64m', '--memory-swap', '64m'],
  ['--memory', '64m', '--memory-swap', '128m'],
  ['--memory-reservation', '32m'],
  ['--memory', '64m', '--memory-reservation', '32m'],
  ['--memory-swappiness', '10'],
  ['--memory', '64m', '--oom-kill-disable'],
  ...each('--cpus', ['0.5', '1.25', '2']),
  ...each('--cpu-shares', ['512', '2']),
  ['--cpu-quota', '20000'],
  ['--cpu-period', '50000', '--cpu-quota', '25000'],
  ['--cpu-rt-period', '100000', '--cpu-rt-runtime', '50000'],
  ['--cpuset-cpus', '0'],
  ['--cpuset-cpus', '0-1', '--cpuset-mems', '0'],
  ['--pids-limit', '50'],
  ...each('--device-read-bps', [`${disk}:1mb`]),
  ...each('--device-write-iops', [`${disk}:100`]),
  ['--device-read-iops', `${disk}:100`, '--device-write-bps', `${disk}:2k`],
  ['--cgroup-conf', 'memory.high=1073741824'],
  ['--memory', '64m', '--cpus', '2', '--pids-limit', '10'],
]

const security = [
  ...each('--security-opt', ['seccomp=unconfined', 'unmask=ALL', 'unmask=/proc/acpi', 'unmask=/proc/acpi:/proc/sys']),
  ...each('--security-opt', [
    'unmask=/proc/*',
    'unmask=/sys/*',
    'mask=/etc/x:/y',
    'proc-opts=hidepid=2',
    'label=disable',
  ]),
  ['--security-opt', 'mask=/etc/x', '--security-opt', 'unmask=/proc/kcore'],
  ...each('--sysctl', ['net.core.somaxconn=128', 'kernel.msgmax=9000', 'net.ipv4.ping_group_range=0 5']),
  ['--sysctl', 'kernel.domainname=x'],
  ['--sysctl', 'kernel.panic=1'],
  ['--network', 'host', '--sysctl', 'net.core.somaxconn=1'],
  ['--memory', '64m', '--memory-swap', '32m'],
  ['--memory-swap', '64m'],
  ['--cpuset-cpus', '4000'],
  ['--cpu-period', '10'],
  ['--blkio-weight', '5'],
  ['--privileged'],
  ['--privileged', '--user', 'app'],
  ['--privileged', '--cap-drop', 'all'],
  ['--privileged', '--read-only'],
  ['--privileged', '--pid', 'host', '--ipc', 'host'],
  ['--init'],
]

const plain = [...process, ...capabilities, ...namespaces, ...mounts, ...devices, ...resources, ...security]

/** Options of two nouns in one command line. */
function pairs(one: readonly (readonly string[])[], other: readonly (readonly string[])[], step: number) {
  return one.flatMap((flags, at) => {
    const more = at % 3 === 0 ? other[(at * step) % other.length] : undefined
    return more && flags.length > 0 && flags[0] !== more[0] ? [[...flags, ...more]] : []
  })
}

const combined = [
  ...pairs(process, mounts, 5),
  ...pairs(capabilities, resources, 2),
  ...pairs(resources, security, 3),
  ...pairs(mounts, capabilities, 7),
]

const ofImages: readonly SpecCase[] = Object.keys(oddImages).flatMap(image => [
  { flags: [], image },
  { flags: [], image, command: [] },
  { flags: ['--user', 'root', '-t'], image },
  { flags: ['--env', 'HOME=/mine', '--workdir', '/'], image },
  { flags: ['--entrypoint', '/bin/sleep', '--cap-add', 'net_raw'], image },
  { flags: ['--privileged'], image, command: [] },
])

export const specCases: readonly SpecCase[] = [...[...plain, ...combined].map(flags => ({ flags })), ...ofImages]
