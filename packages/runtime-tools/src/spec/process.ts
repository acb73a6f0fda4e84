/** The container's first process (runtime-spec config.md, "Process"). */
export interface Process {
  readonly terminal?: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: User
  readonly args?: readonly string[]
  readonly commandLine?: string
  /** `KEY=value` each. */
  readonly env?: readonly string[]
  readonly cwd: string
  readonly capabilities?: Capabilities
  readonly rlimits?: readonly Rlimit[]
  readonly noNewPrivileges?: boolean
  readonly apparmorProfile?: string
  /** -1000 to 1000. */
  readonly oomScoreAdj?: number
  readonly scheduler?: Scheduler
  readonly selinuxLabel?: string
  readonly ioPriority?: { readonly class: string; readonly priority: number }
  readonly execCPUAffinity?: { readonly initial?: string; readonly final?: string }
}

export interface User {
  readonly uid: number
  readonly gid: number
  /** Mode bits, such as 0o022. */
  readonly umask?: number
  readonly additionalGids?: readonly number[]
  readonly username?: string
}

/** The five sets of capabilities(7); names start with `CAP_`. */
export interface Capabilities {
  readonly bounding?: readonly string[]
  readonly effective?: readonly string[]
  readonly permitted?: readonly string[]
  readonly inheritable?: readonly string[]
  readonly ambient?: readonly string[]
}

/** `type` starts with `RLIMIT_`. Unlimited is 18446744073709551615, which JSON numbers here hold as `2 ** 64`. */
export interface Rlimit {
  readonly type: string
  readonly soft: number
  readonly hard: number
}

export interface Scheduler {
  readonly policy: string
  readonly nice?: number
  readonly priority?: number
  readonly flags?: readonly string[]
  readonly runtime?: number
  readonly deadline?: number
  readonly period?: number
}
