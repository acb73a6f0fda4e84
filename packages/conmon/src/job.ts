/** Where a container's output goes; the names are Podman's. `json-file` is another name of `k8s-file`. */
export type LogDriver = 'k8s-file' | 'json-file' | 'journald' | 'none' | 'passthrough'

export interface LogTarget {
  readonly driver: LogDriver
  /** The log file; k8s-file and json-file need one. */
  readonly path?: string
  /** Bytes after which the file is begun anew. */
  readonly sizeMax?: number
  /** journald only. */
  readonly tag?: string
  /** conmon does not wait at the end until the disk has the file: for one that goes with its container. */
  readonly unsynced?: boolean
  /** journald only, `KEY=VALUE`; conmon ≥ 2.1.10. */
  readonly labels?: readonly string[]
}

/** What a monitor of a container and a monitor of an exec session have in common. All paths are absolute. */
interface CommonJob {
  /** The conmon executable. */
  readonly conmon: string
  readonly containerId: string
  /** The container's name, for journald. */
  readonly name: string
  /** The OCI runtime's executable. */
  readonly runtime: string
  /** What is executed in its place: a copy of it. */
  readonly runtimeProgram?: string
  /** Arguments before the runtime's command (`--root` …). */
  readonly runtimeArgs?: readonly string[]
  /** Arguments after it (`--preserve-fds` …). */
  readonly runtimeOptions?: readonly string[]
  /** Directory of config.json, where `attach` and `ctl` appear too; for exec the session's own. */
  readonly bundle: string
  /** Where the runtime writes the pid of the process. */
  readonly pidFile: string
  /** Where conmon writes its own pid. */
  readonly conmonPidFile: string
  /** conmon writes the exit status to `<exitDir>/<containerId>`. */
  readonly exitDir: string
  /** conmon ≥ 2.1.3 writes the exit status to `exit` and an OOM to `oom` here too. */
  readonly persistDir?: string
  readonly log: LogTarget
  /** Of conmon's own messages: trace, debug, info, warning, error … */
  readonly logLevel?: string
  /** A pseudo-terminal instead of three pipes. */
  readonly terminal: boolean
  /** Keep a pipe to the process's standard input; a terminal needs none. */
  readonly stdin: boolean
  /** Run by conmon after the end: program and arguments. */
  readonly exitCommand?: readonly string[]
  /** Seconds between the end and the exit command. */
  readonly exitDelay?: number
  /** The file that the runtime was told to log to (`--log`), in JSON; its last words are read from it. Sessions side by side want their own. */
  readonly ociLog?: string
  /** The environment of conmon, the runtime and the exit command; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Our descriptors, 3 and upwards, that the process gets under the same numbers; with gaps between them crun is needed. */
  readonly preserveFds?: readonly number[]
  /** Our descriptors that conmon alone keeps open as long as it lives, such as bound ports. */
  readonly heldFds?: readonly number[]
  /** `syslog` copies conmon's own messages there. */
  readonly syslog?: boolean
  readonly systemdCgroup?: boolean
  /** Milliseconds that the runtime may take; 240,000 unless told. */
  readonly patience?: number
  readonly signal?: AbortSignal
}

/** One container to be created and watched. */
export interface MonitorJob extends CommonJob {
  /** Seconds after which conmon kills the container. */
  readonly timeout?: number
  readonly noPivot?: boolean
  readonly noNewKeyring?: boolean
  /** A checkpoint's directory: the container is restored instead of created. */
  readonly restore?: string
  /** The host's notification socket, to which conmon relays READY=1 and its like. */
  readonly sdnotifySocket?: string
  /** Called when the attach socket is there, most likely while the runtime still creates: time to be used for attaching. */
  readonly onAttachable?: () => void
}

/** One command to be run within a running container. */
export interface ExecJob extends CommonJob {
  /** Names the session, 64 hexadecimal digits by custom. */
  readonly sessionId: string
  /** A file with the OCI `process` object as JSON. */
  readonly processFile: string
}
