/** The process of a container: what runs, as whom, with which environment. */
export interface ProcessSpec {
  /** Arguments after the image (replaces the image's Cmd). */
  readonly command?: readonly string[]
  /** Replaces the image's Entrypoint; an empty list clears it. */
  readonly entrypoint?: readonly string[]
  /** `K` without a value is resolved against the caller's environment by the front door, never here. */
  readonly env?: Readonly<Record<string, string>>
  /** Names taken away from the result (`--unsetenv`); `all` starts from nothing. */
  readonly unsetEnv?: readonly string[] | 'all'
  readonly envMerge?: Readonly<Record<string, string>>
  /** Hand down http_proxy and its kin. */
  readonly httpProxy?: 'inherit' | 'none'
  readonly workdir?: string
  /** `name|uid[:group|gid]`, resolved inside the container's root. */
  readonly user?: string
  readonly supplementaryGroups?: readonly string[]
  readonly terminal?: 'none' | 'tty'
  readonly stdin?: 'closed' | 'open'
  readonly hostname?: string
  /** Octal, such as 0o022. */
  readonly umask?: number
  /** IANA zone or `local`. */
  readonly timezone?: string
  /** Signal number or name without SIG. */
  readonly stopSignal?: string
  /** Seconds before SIGKILL. */
  readonly stopTimeout?: number
  readonly rlimits?: readonly Rlimit[]
  readonly oomScoreAdj?: number
  readonly personality?: string
  readonly passwdEntry?: string
  readonly groupEntry?: string
  /** Host users copied into the container's passwd file. */
  readonly hostUsers?: readonly string[]
  readonly passwd?: 'manage' | 'leave'
}

export interface Rlimit {
  /** Lower case without RLIMIT_, such as `nofile`; `host` copies the caller's own limits. */
  readonly type: string
  /** -1: unlimited. */
  readonly soft: number
  readonly hard: number
}
