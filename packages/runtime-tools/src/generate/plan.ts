import type { SeccompProfile } from '../seccomp/profile.ts'
import type { Hooks } from '../spec/hooks.ts'
import type { Device, IntelRdt, Namespace } from '../spec/linux.ts'
import type { IdMapping, Mount } from '../spec/mount.ts'
import type { User } from '../spec/process.ts'
import type { DeviceRule, LinuxResources } from '../spec/resources.ts'

/**
 * A container with every name resolved: users are numbers, devices have numbers, sources exist.
 * {@link generateSpec} turns it into `config.json` without touching the host.
 */
export interface SpecPlan {
  readonly id: string
  readonly hostname?: string
  readonly domainname?: string
  readonly rootfs: RootfsPlan
  readonly process: ProcessPlan
  /** All of the host's capabilities and devices, no masked paths, no seccomp. The caller passes the host's devices. */
  readonly privileged?: 'yes' | 'no'
  /** A type that is not listed is the host's. */
  readonly namespaces: readonly Namespace[]
  readonly uidMappings?: readonly IdMapping[]
  readonly gidMappings?: readonly IdMapping[]
  /** Replace a standard mount of the same destination; the result is sorted so that parents come first. */
  readonly mounts?: readonly Mount[]
  readonly standardMounts?: StandardMountsPlan | 'none'
  readonly devices?: readonly PlannedDevice[]
  /** `--device-cgroup-rule`: more that the cgroup allows or denies; without effect in a user namespace. */
  readonly deviceRules?: readonly DeviceRule[]
  /** Without `devices`, which come from the two fields above. */
  readonly resources?: Omit<LinuxResources, 'devices'>
  readonly cgroupsPath?: string
  readonly sysctl?: Readonly<Record<string, string>>
  readonly paths?: PathsPlan
  /** Absent: the built-in profile. `privileged` means unconfined unless a profile is given. */
  readonly seccomp?: { readonly profile: SeccompProfile } | 'unconfined'
  readonly hooks?: Hooks
  readonly annotations?: Readonly<Record<string, string>>
  /** SELinux label of files. */
  readonly mountLabel?: string
  readonly intelRdt?: IntelRdt
  readonly personality?: { readonly domain: string; readonly flags?: readonly string[] }
  readonly timeOffsets?: Readonly<Record<string, { readonly secs: number; readonly nanosecs?: number }>>
  /** Absent: the lowest version that has every field used, which old runtimes accept too. */
  readonly ociVersion?: string
  readonly host: SpecHost
}

export interface RootfsPlan {
  readonly path: string
  readonly readonly: 'yes' | 'no'
  /** Absent: derived from the propagation of the mounts. */
  readonly propagation?: string
}

export interface ProcessPlan {
  readonly args: readonly string[]
  readonly cwd: string
  /** `KEY=value` each. */
  readonly env: readonly string[]
  readonly terminal: 'yes' | 'no'
  readonly user: User
  /** `add` and `drop` take `NET_ADMIN`, `cap_net_admin`, `ALL`. `defaults` replaces the built-in list. */
  readonly capabilities?: {
    readonly add?: readonly string[]
    readonly drop?: readonly string[]
    readonly defaults?: readonly string[]
  }
  /** Lowered to the host's hard limit where the caller may not raise it. */
  readonly rlimits?: readonly RequestedRlimit[]
  readonly noNewPrivileges?: 'yes' | 'no'
  readonly apparmorProfile?: string
  readonly selinuxLabel?: string
  readonly oomScoreAdj?: number
}

/** `type` is `nofile`, `NOFILE` or `RLIMIT_NOFILE`; -1 is unlimited. */
export interface RequestedRlimit {
  readonly type: string
  readonly soft: number
  readonly hard: number
}

export interface StandardMountsPlan {
  /** Options of /proc instead of `nosuid,noexec,nodev`, such as `hidepid=2`. */
  readonly procOptions?: readonly string[]
  /** Bytes of the /dev/shm tmpfs, used when no mount covers /dev/shm. Absent: 65536000. */
  readonly shmSize?: number
  /** /sys/fs/cgroup. Absent: `read-only`, and `read-write` when privileged or in systemd mode. */
  readonly cgroup?: 'read-only' | 'read-write' | 'none'
  /** `none`: no /dev/shm at all (`--ipc none`). */
  readonly shm?: 'own' | 'none'
  /** What a systemd in the container expects to find mounted. */
  readonly systemd?: 'yes' | 'no'
  /** Bytes of each tmpfs made for systemd. Absent: the kernel's half of the memory. */
  readonly systemdSize?: number
  /** tmpfs on /run, /tmp and /var/tmp, which a read-only root needs. */
  readonly readOnlyTmpfs?: 'yes' | 'no'
}

/** A device node of the host; `path` is its place in the container. */
export interface PlannedDevice extends Device {
  /** Where it is on the host: needed where nodes cannot be made (rootless, user namespace) and a bind takes their place. */
  readonly hostPath?: string
  /** Subset of `rwm`. Absent: all. */
  readonly access?: string
}

export interface PathsPlan {
  readonly mask?: readonly string[]
  /** Paths, globs, `:`-separated lists of them, or `ALL`. */
  readonly unmask?: readonly string[]
}

/** The facts about the host that a spec depends on; {@link readSpecHost} gathers them. */
export interface SpecHost {
  /** `v1` stands for hybrid too. */
  readonly cgroup: 'v1' | 'v2'
  /** Architecture as Go names it: amd64, arm64, 386, arm, ppc64le, s390x, riscv64 … */
  readonly architecture: string
  /** Release, such as `6.1.0-18-amd64`. */
  readonly kernel: string
  /** The caller's bounding set, which is also what the kernel knows for root. */
  readonly capabilities: readonly string[]
  /** Limits of the caller by name (`nofile`); -1 is unlimited. */
  readonly rlimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>
  readonly rootless: 'yes' | 'no'
  /** The group of terminals, 5, is none here: a plain user without subordinate ids has one group. */
  readonly ttyGroup?: 'unmapped'
}
