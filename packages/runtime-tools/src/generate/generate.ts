import { capabilitySets } from '../capabilities/sets.ts'
import { checkMountOptions } from '../mounts/options.ts'
import { overrideMounts, sortMounts } from '../mounts/order.ts'
import { rootPropagation } from '../mounts/propagation.ts'
import { defaultMounts, maskedByMounts } from '../mounts/standard.ts'
import { bindingLimits, clampRlimits } from '../rlimits/rlimits.ts'
import { defaultSeccompProfile } from '../seccomp/default.ts'
import { resolveSeccomp } from '../seccomp/resolve.ts'
import type { Linux } from '../spec/linux.ts'
import type { Mount } from '../spec/mount.ts'
import type { Process, User } from '../spec/process.ts'
import type { Seccomp } from '../spec/seccomp.ts'
import type { Spec } from '../spec/spec.ts'
import { lowestVersion } from '../spec/version.ts'
import { defined, listed } from './defined.ts'
import { planDevices } from './devices.ts'
import { askedPaths, guardPaths } from './paths.ts'
import type { SpecPlan } from './plan.ts'
import { checkSysctls } from './sysctl.ts'
import { checkWorkdir } from './workdir.ts'

/**
 * `config.json` for a plan. Pure: the same plan gives the same spec, on any machine; nothing of the result is shared with
 * another call.
 * @throws RuntimeToolsError CAPABILITY_UNKNOWN, CAPABILITY_CONFLICT, RLIMIT_INVALID, SYSCTL_INVALID, PATH_INVALID,
 *   MOUNT_INVALID, SECCOMP_INVALID
 */
export function generateSpec(plan: SpecPlan): Spec {
  const process = processOf(plan)
  const devices = planDevices(plan)
  const mounts = mountsOf(plan, devices.mounts)
  const spec = defined({
    process,
    root: { path: plan.rootfs.path, ...(plan.rootfs.readonly === 'yes' ? { readonly: true } : {}) },
    hostname: plan.hostname,
    domainname: plan.domainname,
    mounts,
    hooks: plan.hooks,
    annotations: plan.annotations,
    linux: linuxOf(plan, { process, devices, mounts }),
  })
  return structuredClone({ ociVersion: plan.ociVersion ?? lowestVersion(spec), ...spec })
}

function processOf(plan: SpecPlan): Process {
  const { process, host } = plan
  const holder = { uid: process.user.uid, privileged: plan.privileged ?? 'no', available: host.capabilities } as const
  return defined({
    terminal: process.terminal === 'yes' ? true : undefined,
    user: withPrimaryGroup(process.user),
    args: process.args,
    env: process.env,
    cwd: checkWorkdir(process.cwd),
    capabilities: capabilitySets(process.capabilities ?? {}, holder),
    rlimits: process.rlimits ? clampRlimits(process.rlimits, bindingLimits(host)) : undefined,
    noNewPrivileges: process.noNewPrivileges === 'yes' ? true : undefined,
    apparmorProfile: process.apparmorProfile,
    selinuxLabel: process.selinuxLabel,
    oomScoreAdj: process.oomScoreAdj,
  })
}

// Without its primary group in the list a process evades modes that forbid the group (CVE-2022-2989).
function withPrimaryGroup(user: User): User {
  const { gid, additionalGids = [] } = user
  return additionalGids.length > 0 ? { ...user, additionalGids: [...new Set([gid, ...additionalGids])] } : user
}

function mountsOf(plan: SpecPlan, deviceMounts: readonly Mount[]): readonly Mount[] {
  for (const { type = 'none', options = [] } of plan.mounts ?? []) checkMountOptions(type, options)
  const standard = plan.standardMounts === 'none' ? [] : defaultMounts(plan, plan.standardMounts)
  return sortMounts(overrideMounts([...standard, ...deviceMounts], plan.mounts ?? []))
}

interface Parts {
  readonly process: Process
  readonly devices: ReturnType<typeof planDevices>
  readonly mounts: readonly Mount[]
}

function linuxOf(plan: SpecPlan, parts: Parts): Linux {
  const sysctl = plan.sysctl ?? {}
  checkSysctls(sysctl, plan.namespaces)
  return defined({
    uidMappings: plan.uidMappings,
    gidMappings: plan.gidMappings,
    timeOffsets: plan.timeOffsets,
    sysctl: Object.keys(sysctl).length > 0 ? sysctl : undefined,
    resources: defined({ devices: listed(parts.devices.rules), ...plan.resources }),
    cgroupsPath: plan.cgroupsPath,
    namespaces: plan.namespaces,
    devices: listed(parts.devices.devices),
    seccomp: seccompOf(plan, parts.process),
    rootfsPropagation: plan.rootfs.propagation ?? rootPropagation(parts.mounts),
    ...guardedPathsOf(plan),
    mountLabel: plan.mountLabel,
    intelRdt: plan.intelRdt,
    personality: plan.personality,
  })
}

function guardedPathsOf(plan: SpecPlan) {
  const byMounts = plan.standardMounts === 'none' ? [] : maskedByMounts(plan, plan.standardMounts)
  if (plan.privileged === 'yes') return { maskedPaths: listed([...byMounts, ...askedPaths(plan.paths?.mask)]) }
  const { maskedPaths, readonlyPaths } = guardPaths(plan.paths ?? {}, byMounts)
  return { maskedPaths: listed(maskedPaths), readonlyPaths: listed(readonlyPaths) }
}

function seccompOf(plan: SpecPlan, process: Process): Seccomp | undefined {
  const choice = plan.seccomp ?? (plan.privileged === 'yes' ? 'unconfined' : { profile: defaultSeccompProfile() })
  if (choice === 'unconfined') return undefined
  const capabilities = process.capabilities?.bounding ?? []
  return resolveSeccomp(choice.profile, { ...plan.host, capabilities })
}
