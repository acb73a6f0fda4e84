import type { SeccompAction, SyscallCondition } from '../spec/seccomp.ts'

/** A profile before it is resolved for one container: the file format of containers and Docker (`seccomp.json`). */
export interface SeccompProfile {
  readonly defaultAction: SeccompAction
  readonly defaultErrnoRet?: number
  /** Name of the errno, such as `ENOSYS`; wins over `defaultErrnoRet`. */
  readonly defaultErrno?: string
  /** Either this or `archMap`. */
  readonly architectures?: readonly string[]
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[]
  readonly flags?: readonly string[]
  readonly listenerPath?: string
  readonly listenerMetadata?: string
  readonly syscalls?: readonly ProfileRule[]
}

export interface ProfileRule {
  readonly name?: string
  readonly names?: readonly string[]
  readonly action: SeccompAction
  readonly errnoRet?: number | null
  readonly errno?: string
  readonly args?: readonly SyscallCondition[] | null
  readonly comment?: string
  /** The rule holds only where all of these hold. */
  readonly includes?: ProfileFilter
  /** The rule is left out where any of these holds. */
  readonly excludes?: ProfileFilter
}

export interface ProfileFilter {
  readonly caps?: readonly string[]
  /** Go names: amd64, arm64, s390 … */
  readonly arches?: readonly string[]
  /** `4.8`. */
  readonly minKernel?: string
}
