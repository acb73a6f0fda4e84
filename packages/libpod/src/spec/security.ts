/** Isolation: namespaces, capabilities, devices, kernel parameters and mandatory access control. */
export interface SecuritySpec {
  readonly privileged?: 'yes' | 'no'
  readonly namespaces?: {
    readonly pid?: NamespaceMode
    readonly ipc?: NamespaceMode | { readonly kind: 'shareable' } | { readonly kind: 'none' }
    readonly uts?: NamespaceMode
    readonly cgroup?: NamespaceMode
    readonly user?: UserNamespaceMode
    readonly time?: NamespaceMode
  }
  readonly idMappings?: {
    readonly uids: readonly IdMap[]
    readonly gids: readonly IdMap[]
    readonly subuidName?: string
    readonly subgidName?: string
  }
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly noNewPrivileges?: 'yes' | 'no'
  /** `unconfined` or a path; absent: the default profile. */
  readonly seccomp?: string
  readonly seccompPolicy?: 'default' | 'image'
  readonly apparmor?: string
  /** SELinux label options such as `disable`, `type:container_t`. */
  readonly labels?: readonly string[]
  readonly labelNested?: 'yes' | 'no'
  readonly mask?: readonly string[]
  /** Paths, globs or `ALL`. */
  readonly unmask?: readonly string[]
  readonly procOptions?: readonly string[]
  readonly devices?: readonly DeviceRequest[]
  readonly deviceCgroupRules?: readonly string[]
  readonly gpus?: readonly string[]
  readonly sysctl?: Readonly<Record<string, string>>
}

export type NamespaceMode =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'pod' }
  | { readonly kind: 'path'; readonly path: string }

export type UserNamespaceMode =
  | NamespaceMode
  | { readonly kind: 'keep-id'; readonly uid?: number; readonly gid?: number; readonly size?: number }
  | { readonly kind: 'nomap' }
  | {
      readonly kind: 'auto'
      readonly size?: number
      readonly uidMappings?: readonly IdMap[]
      readonly gidMappings?: readonly IdMap[]
    }

export interface IdMap {
  readonly containerId: number
  readonly hostId: number
  readonly size: number
}

/** A device node, or a CDI name such as `vendor.com/class=name` in `hostPath`. */
export interface DeviceRequest {
  readonly hostPath: string
  readonly containerPath?: string
  /** Subset of `rwm`. */
  readonly access?: string
}
