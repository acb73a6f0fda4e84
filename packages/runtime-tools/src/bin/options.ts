import { parseArgs } from 'node:util'

/** The options of `generate`, for parseArgs and for people. */
export const generateHelp = `Usage: oci-runtime-tool generate [OPTIONS] [--] [COMMAND [ARG...]]

Writes a runtime specification for running COMMAND (sh unless given).

Process:
      --apparmor PROFILE      AppArmor profile
      --cap-add NAME          add a capability (repeatable)
      --cap-drop NAME         drop a capability (repeatable)
      --cwd PATH              working directory
  -e, --env KEY=VALUE         environment (repeatable)
      --group-add GROUP       supplementary group (repeatable)
      --no-new-privileges     nothing gains privileges by being run
      --oom-score-adj NUMBER  -1000 to 1000
      --selinux-label LABEL   SELinux label of the process
  -t, --tty                   with a terminal
      --ulimit NAME=SOFT:HARD limit of the process (repeatable)
      --umask MODE            octal
  -u, --user USER[:GROUP]     user of the process, by name or number; names are looked up in the root file system

Root and mounts:
      --mask PATH             hide a path (repeatable)
      --mount SPEC            type=TYPE,src=PATH,dst=PATH[,OPTION...] (repeatable)
      --mount-label LABEL     SELinux label of files
      --privileged            all of the host's capabilities, nothing masked or filtered
      --read-only             read-only root
      --rootfs PATH           root file system (rootfs)
      --systemd               what a systemd in the container needs
      --unmask PATH           show a path that is hidden otherwise, a glob, or ALL (repeatable)

Namespaces and kernel:
      --annotation KEY=VALUE  (repeatable)
      --device PATH           device node of the host, or a CDI name such as vendor.com/class=name (repeatable)
      --gid-map CTR:HOST:SIZE (repeatable)
      --hostname NAME         host name
      --host-namespace TYPE   do not make this namespace: pid, network, ipc, uts (repeatable)
      --join TYPE=PATH        join a namespace instead of making one (repeatable)
      --personality DOMAIN    LINUX or LINUX32
      --seccomp FILE          profile instead of the built-in one, or unconfined
      --sysctl KEY=VALUE      kernel parameter of the container's namespaces (repeatable)
      --uid-map CTR:HOST:SIZE (repeatable)

Resources:
      --cgroups-path PATH     cgroup of the container
      --cpu-period NUMBER     microseconds
      --cpu-quota NUMBER      microseconds
      --cpu-shares NUMBER
      --cpuset-cpus LIST
      --cpuset-mems LIST
      --memory BYTES
      --memory-reservation BYTES
      --memory-swap BYTES     memory and swap together; -1 is unlimited
      --pids-limit NUMBER
      --rdt-class NAME        class of service (intelRdt)
      --unified KEY=VALUE     file of cgroup v2 and its text (repeatable)

      --hooks-dir PATH        take the hooks of a directory that want this container (repeatable)
  -o, --output FILE           write here instead of standard output
`

const text = { type: 'string' } as const
const list = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const

const options = {
  annotation: list,
  apparmor: text,
  'cap-add': list,
  'cap-drop': list,
  'cgroups-path': text,
  'cpu-period': text,
  'cpu-quota': text,
  'cpu-shares': text,
  'cpuset-cpus': text,
  'cpuset-mems': text,
  cwd: text,
  device: list,
  env: { ...list, short: 'e' },
  'gid-map': list,
  'group-add': list,
  help: { ...flag, short: 'h' },
  'hooks-dir': list,
  hostname: text,
  'host-namespace': list,
  join: list,
  mask: list,
  memory: text,
  'memory-reservation': text,
  'memory-swap': text,
  mount: list,
  'mount-label': text,
  'no-new-privileges': flag,
  'oom-score-adj': text,
  output: { ...text, short: 'o' },
  personality: text,
  'pids-limit': text,
  privileged: flag,
  'rdt-class': text,
  'read-only': flag,
  rootfs: text,
  seccomp: text,
  'selinux-label': text,
  sysctl: list,
  systemd: flag,
  tty: { ...flag, short: 't' },
  'uid-map': list,
  ulimit: list,
  umask: text,
  unified: list,
  unmask: list,
  user: { ...text, short: 'u' },
} as const

/** @throws TypeError for an option that there is not */
export const parseOptions = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true })

export type Values = ReturnType<typeof parseOptions>['values']
