import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { parseUser, type ResolvedUser } from '../accounts/resolve.ts'
import { readDevice } from '../devices/host.ts'
import { generateSpec } from '../generate/generate.ts'
import type { SpecHost, SpecPlan } from '../generate/plan.ts'
import { readSpecHost } from '../host/facts.ts'
import type { SeccompProfile } from '../seccomp/profile.ts'
import { namespaceTypes } from '../spec/linux.ts'
import type { Mount } from '../spec/mount.ts'
import { readSpec, writeSpec } from '../spec/text.ts'

const help = `Usage: oci-runtime-tool generate [OPTIONS] [--] [COMMAND [ARG...]]

Writes a runtime specification for running COMMAND (sh unless given).

      --cap-add NAME          add a capability (repeatable)
      --cap-drop NAME         drop a capability (repeatable)
      --cgroups-path PATH     cgroup of the container
      --cwd PATH              working directory
      --device PATH           device node of the host (repeatable)
  -e, --env KEY=VALUE         environment (repeatable)
      --hostname NAME         host name
      --mount SPEC            type=TYPE,src=PATH,dst=PATH[,OPTION...] (repeatable)
      --host-namespace TYPE   do not make this namespace: pid, network, ipc, uts (repeatable)
  -o, --output FILE           write here instead of standard output
      --privileged            all of the host's capabilities, nothing masked or filtered
      --read-only             read-only root
      --rootfs PATH           root file system (rootfs)
      --seccomp FILE          profile instead of the built-in one, or unconfined
      --sysctl KEY=VALUE      kernel parameter of the container's namespaces (repeatable)
  -t, --tty                   with a terminal
      --ulimit NAME=SOFT:HARD limit of the process (repeatable)
  -u, --user UID[:GID]        user of the process
`

const options = {
  'cap-add': { type: 'string', multiple: true },
  'cap-drop': { type: 'string', multiple: true },
  'cgroups-path': { type: 'string' },
  cwd: { type: 'string' },
  device: { type: 'string', multiple: true },
  env: { type: 'string', short: 'e', multiple: true },
  help: { type: 'boolean', short: 'h' },
  hostname: { type: 'string' },
  'host-namespace': { type: 'string', multiple: true },
  mount: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o' },
  privileged: { type: 'boolean' },
  'read-only': { type: 'boolean' },
  rootfs: { type: 'string' },
  seccomp: { type: 'string' },
  sysctl: { type: 'string', multiple: true },
  tty: { type: 'boolean', short: 't' },
  ulimit: { type: 'string', multiple: true },
  user: { type: 'string', short: 'u' },
} as const

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true })
type Values = ReturnType<typeof parse>['values']

export async function generate(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args)
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const plan = await planOf(values, positionals)
  const text = writeSpec(generateSpec(plan))
  const pretty = `${JSON.stringify(readSpec(text), null, 2)}\n`
  // Indenting goes through numbers again; limits that those cannot hold stay on one line.
  const output = text.includes('18446744073709551615') ? `${text}\n` : pretty
  if (values.output === undefined) process.stdout.write(output)
  else await writeFile(values.output, output)
  return 0
}

async function planOf(values: Values, command: readonly string[]): Promise<SpecPlan> {
  const devices = await Promise.all((values.device ?? []).map(path => readDevice(path)))
  const seccomp = await seccompOf(values.seccomp)
  return {
    id: 'container',
    hostname: values.hostname ?? 'container',
    rootfs: { path: values.rootfs ?? 'rootfs', readonly: values['read-only'] ? 'yes' : 'no' },
    privileged: values.privileged ? 'yes' : 'no',
    process: processOf(values, command),
    namespaces: namespacesOf(values['host-namespace'] ?? []),
    mounts: (values.mount ?? []).map(mountOf),
    devices,
    sysctl: Object.fromEntries((values.sysctl ?? []).map(pair)),
    ...(values['cgroups-path'] === undefined ? {} : { cgroupsPath: values['cgroups-path'] }),
    ...(seccomp ? { seccomp } : {}),
    host: await readSpecHost(),
  } satisfies SpecPlan & { readonly host: SpecHost }
}

function processOf(values: Values, command: readonly string[]): SpecPlan['process'] {
  const user = userOf(values.user ?? '0')
  return {
    args: command.length > 0 ? command : ['sh'],
    cwd: values.cwd ?? '/',
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...(values.env ?? [])],
    terminal: values.tty ? 'yes' : 'no',
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    capabilities: { add: values['cap-add'] ?? [], drop: values['cap-drop'] ?? [] },
    rlimits: (values.ulimit ?? []).map(limitOf),
  }
}

// The root file system may be a stranger's: only numbers, which need no file of it.
const userOf = (text: string): ResolvedUser => parseUser(text, { passwd: '', group: '' })

function namespacesOf(shared: readonly string[]): SpecPlan['namespaces'] {
  const own = ['pid', 'network', 'ipc', 'uts', 'mount']
  const wrong = shared.find(type => !own.includes(type) || type === 'mount')
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no namespace that can be the host's`)
  return namespaceTypes.filter(type => own.includes(type) && !shared.includes(type)).map(type => ({ type }))
}

function mountOf(text: string): Mount {
  const parts = text.split(',')
  const field = (key: string) => parts.find(part => part.startsWith(`${key}=`))?.slice(key.length + 1)
  const [type, source, destination] = [field('type') ?? 'bind', field('src'), field('dst')]
  if (destination === undefined) throw new TypeError(`mount "${text}" has no dst=`)
  const rest = parts.filter(part => !/^(type|src|dst)=/.test(part))
  const bind = type === 'bind' && !rest.some(option => /^r?bind$/.test(option)) ? ['rbind'] : []
  return { destination, type, source: source ?? type, options: [...bind, ...rest] }
}

function limitOf(text: string) {
  const [, type, soft, hard] = /^([a-z]+)=(-1|\d+)(?::(-1|\d+))?$/i.exec(text) ?? []
  if (type === undefined) throw new TypeError(`"${text}" is no limit; NAME=SOFT:HARD is`)
  return { type, soft: Number(soft), hard: Number(hard ?? soft) }
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new TypeError(`"${text}" is not KEY=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function seccompOf(choice: string | undefined): Promise<SpecPlan['seccomp']> {
  if (choice === undefined || choice === 'unconfined') return choice
  return { profile: JSON.parse(await readFile(choice, 'utf8')) as SeccompProfile }
}
