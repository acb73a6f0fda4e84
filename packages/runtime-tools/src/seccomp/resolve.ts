import { constants } from 'node:os'
import { RuntimeToolsError } from '../errors.ts'
import { defined } from '../generate/defined.ts'
import type { Seccomp, SyscallCondition, SyscallRule } from '../spec/seccomp.ts'
import { seccompArchitecture } from './architectures.ts'
import type { ProfileFilter, ProfileRule, SeccompProfile } from './profile.ts'

/** Whom a profile is resolved for. */
export interface SeccompSubject {
  /** Go name, such as `amd64`. */
  readonly architecture: string
  /** The container's bounding set. */
  readonly capabilities: readonly string[]
  /** Kernel release; absent: new enough for every rule. */
  readonly kernel?: string
}

/**
 * The filter that a profile means for one container: the architectures of this machine, and of the rules those whose
 * conditions hold.
 * @throws RuntimeToolsError SECCOMP_INVALID
 */
export function resolveSeccomp(profile: SeccompProfile, subject: SeccompSubject): Seccomp {
  const syscalls = (profile.syscalls ?? []).filter(rule => applies(rule, subject)).map(resolveRule)
  return defined({
    defaultAction: profile.defaultAction,
    defaultErrnoRet: errnoOf(profile.defaultErrno, profile.defaultErrnoRet),
    architectures: architecturesOf(profile, subject.architecture),
    flags: profile.flags,
    listenerPath: profile.listenerPath,
    listenerMetadata: profile.listenerMetadata,
    syscalls: syscalls.length > 0 ? syscalls : undefined,
  })
}

function architecturesOf(profile: SeccompProfile, architecture: string): readonly string[] | undefined {
  const { architectures = [], archMap = [] } = profile
  if (architectures.length > 0 && archMap.length > 0) {
    throw new RuntimeToolsError(
      'SECCOMP_INVALID',
      "a seccomp profile has either 'architectures' or 'archMap', not both",
    )
  }
  const native = seccompArchitecture(architecture)
  const row = archMap.find(entry => entry.architecture === native)
  if (row) return [row.architecture, ...(row.subArchitectures ?? [])]
  return architectures.length > 0 ? architectures : undefined
}

function applies(rule: ProfileRule, subject: SeccompSubject): boolean {
  const { includes = {}, excludes = {} } = rule
  return conditions(includes, subject).every(Boolean) && !conditions(excludes, subject).some(Boolean)
}

/** One verdict for each condition that the filter states. */
function conditions(filter: ProfileFilter, subject: SeccompSubject): readonly boolean[] {
  return [
    ...(filter.arches?.length ? [filter.arches.includes(subject.architecture)] : []),
    ...(filter.caps ?? []).map(name => subject.capabilities.includes(name)),
    ...(filter.minKernel ? [kernelAtLeast(subject.kernel, filter.minKernel)] : []),
  ]
}

function kernelAtLeast(release: string | undefined, minimum: string): boolean {
  if (release === undefined) return true
  const [major = 0, minor = 0] = numbers(release)
  const [minimumMajor = 0, minimumMinor = 0] = numbers(minimum)
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor)
}

const numbers = (release: string) => (/^\d+(?:\.\d+)?/.exec(release)?.[0] ?? '').split('.').map(Number)

function resolveRule(rule: ProfileRule): SyscallRule {
  const names = rule.names?.length ? rule.names : rule.name ? [rule.name] : []
  if (names.length === 0 || (rule.name && rule.names?.length)) {
    throw new RuntimeToolsError('SECCOMP_INVALID', "a seccomp rule has either 'name' or 'names'", {
      subject: rule.comment ?? rule.action,
    })
  }
  return defined({
    names,
    action: rule.action,
    errnoRet: errnoOf(rule.errno, rule.errnoRet),
    args: rule.args?.length ? rule.args.map(resolveCondition) : undefined,
  })
}

function resolveCondition(condition: SyscallCondition): SyscallCondition {
  const { index, value, valueTwo, op } = condition
  return { index, value, ...(valueTwo ? { valueTwo } : {}), op }
}

function errnoOf(name: string | undefined, number: number | null | undefined): number | undefined {
  if (!name) return number ?? undefined
  const numbers: Readonly<Record<string, number>> = constants.errno
  const value = Object.hasOwn(numbers, name) ? numbers[name] : undefined
  if (value !== undefined) return value
  throw new RuntimeToolsError('SECCOMP_INVALID', `unknown errno "${name}" in a seccomp profile`, { subject: name })
}
