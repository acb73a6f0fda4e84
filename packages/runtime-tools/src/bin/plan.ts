import { readFile } from 'node:fs/promises'
import { readAccountFiles } from '../accounts/read-files.ts'
import { parseGroups, parseUser } from '../accounts/resolve.ts'
import { type CdiAdditions, resolveCdiDevices } from '../cdi/apply.ts'
import { isCdiName } from '../cdi/cdi.ts'
import { readCdiSpecs } from '../cdi/read-dir.ts'
import { readDevices } from '../devices/host.ts'
import { defined } from '../generate/defined.ts'
import type { SpecPlan } from '../generate/plan.ts'
import { matchHooks } from '../hooks/match.ts'
import { readHooks } from '../hooks/read-dir.ts'
import { readSpecHost } from '../host/facts.ts'
import type { SeccompProfile } from '../seccomp/profile.ts'
import { type NamespaceType, namespaceTypes } from '../spec/linux.ts'
import type { Values } from './options.ts'
import { parseLimit, parseMapping, parseMode, parseMount, parseNumber, parsePairs } from './values.ts'

const nothing: CdiAdditions = { env: [], devices: [], mounts: [], hooks: {}, additionalGids: [] }

/** What the options ask for, looked up on this machine and in the root file system. @throws TypeError, RuntimeToolsError */
export async function planOf(values: Values, command: readonly string[]): Promise<SpecPlan> {
  const names = (values.device ?? []).filter(isCdiName)
  const cdi = names.length > 0 ? await resolveCdiDevices(names, await readCdiSpecs()) : nothing
  const annotations = parsePairs(values.annotation)
  const process = processOf(values, command, cdi)
  const subject = { annotations, command: process.args[0] ?? '', hasBindMounts: values.mount ? 'yes' : 'no' } as const
  const hooks = matchHooks(await readHooks(values['hooks-dir'] ?? []), subject).runtime
  const classId = values['rdt-class']
  return defined({
    id: 'container',
    hostname: values['host-namespace']?.includes('uts') ? undefined : (values.hostname ?? 'container'),
    rootfs: { path: rootOf(values), readonly: values['read-only'] ? ('yes' as const) : ('no' as const) },
    privileged: values.privileged ? ('yes' as const) : ('no' as const),
    process,
    namespaces: namespacesOf(values),
    uidMappings: values['uid-map']?.map(parseMapping),
    gidMappings: values['gid-map']?.map(parseMapping),
    mounts: [...cdi.mounts, ...(values.mount ?? []).map(parseMount)],
    standardMounts: values.systemd ? { systemd: 'yes' as const } : {},
    devices: [...(await devicesOf(values)), ...cdi.devices],
    sysctl: parsePairs(values.sysctl),
    resources: resourcesOf(values),
    paths: { mask: values.mask ?? [], unmask: values.unmask ?? [] },
    cgroupsPath: values['cgroups-path'],
    seccomp: await seccompOf(values.seccomp),
    hooks: filled({ ...cdi.hooks, ...hooks }),
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
    mountLabel: values['mount-label'],
    personality: values.personality === undefined ? undefined : { domain: values.personality },
    intelRdt: classId === undefined ? cdi.intelRdt : { ...cdi.intelRdt, closID: classId },
    host: await readSpecHost(),
  }) as SpecPlan
}

const rootOf = (values: Values) => values.rootfs ?? 'rootfs'

async function devicesOf({ device = [] }: Values) {
  return (await Promise.all(device.filter(name => !isCdiName(name)).map(path => readDevices(path)))).flat()
}

function processOf(values: Values, command: readonly string[], cdi: CdiAdditions): SpecPlan['process'] {
  const named = [values.user ?? '0', ...(values['group-add'] ?? [])].some(text => !/^\d+(:\d+)?$/.test(text))
  // The root file system may be a stranger's, or not be there yet: it is looked into for names alone.
  const files = named ? readAccountFiles(rootOf(values)) : { passwd: '', group: '' }
  const user = parseUser(values.user ?? '0', files)
  const extra = [...parseGroups(values['group-add'] ?? [], files.group), ...cdi.additionalGids]
  return defined({
    args: command.length > 0 ? command : ['sh'],
    cwd: values.cwd ?? '/',
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...cdi.env, ...(values.env ?? [])],
    terminal: values.tty ? ('yes' as const) : ('no' as const),
    user: defined({
      uid: user.uid,
      gid: user.gid,
      additionalGids: [...new Set([...user.additionalGids, ...extra])],
      umask: parseMode(values.umask),
    }),
    capabilities: { add: values['cap-add'] ?? [], drop: values['cap-drop'] ?? [] },
    rlimits: (values.ulimit ?? []).map(parseLimit),
    noNewPrivileges: values['no-new-privileges'] ? ('yes' as const) : undefined,
    apparmorProfile: values.apparmor,
    selinuxLabel: values['selinux-label'],
    oomScoreAdj: parseNumber(values['oom-score-adj']),
  })
}

const usual: readonly NamespaceType[] = ['pid', 'network', 'ipc', 'uts', 'mount']

function namespacesOf(values: Values): SpecPlan['namespaces'] {
  const shared = values['host-namespace'] ?? []
  const wrong = shared.find(type => type === 'mount' || !(usual as readonly string[]).includes(type))
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is no namespace that can be the host's`)
  const joined = parsePairs(values.join)
  const unknown = Object.keys(joined).find(type => !(namespaceTypes as readonly string[]).includes(type))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is no namespace`)
  const mapped = (values['uid-map'] ?? values['gid-map']) !== undefined
  const own = namespaceTypes.filter(
    type => (usual.includes(type) && !shared.includes(type)) || (mapped && type === 'user'),
  )
  const types = namespaceTypes.filter(type => own.includes(type) || joined[type] !== undefined)
  return types.map(type => (joined[type] === undefined ? { type } : { type, path: joined[type] }))
}

function resourcesOf(values: Values): SpecPlan['resources'] {
  const memory = defined({
    limit: parseNumber(values.memory),
    reservation: parseNumber(values['memory-reservation']),
    swap: parseNumber(values['memory-swap']),
  })
  const cpu = defined({
    shares: parseNumber(values['cpu-shares']),
    quota: parseNumber(values['cpu-quota']),
    period: parseNumber(values['cpu-period']),
    cpus: values['cpuset-cpus'],
    mems: values['cpuset-mems'],
  })
  const pids = parseNumber(values['pids-limit'])
  const unified = parsePairs(values.unified)
  return defined({
    memory: filled(memory),
    cpu: filled(cpu),
    pids: pids === undefined ? undefined : { limit: pids },
    unified: filled(unified),
  }) as NonNullable<SpecPlan['resources']>
}

const filled = <T extends object>(group: T): T | undefined => (Object.keys(group).length > 0 ? group : undefined)

async function seccompOf(choice: string | undefined): Promise<SpecPlan['seccomp']> {
  if (choice === undefined || choice === 'unconfined') return choice
  return { profile: JSON.parse(await readFile(choice, 'utf8')) as SeccompProfile }
}
