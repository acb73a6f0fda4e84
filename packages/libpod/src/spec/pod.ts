import type { RestartPolicy } from './container.ts'
import type { MountSpec } from './mount.ts'
import type { NetworkSpec } from './network.ts'
import type { ResourceSpec } from './resources.ts'
import type { SecuritySpec } from './security.ts'

/** What a caller asks for when it creates a pod. */
export interface PodSpec {
  readonly name?: string
  readonly hostname?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly infra?: 'yes' | 'no'
  readonly infraName?: string
  readonly infraImage?: string
  readonly infraCommand?: readonly string[]
  readonly infraConmonPidFile?: string
  /** `ignore`: systemd hears nothing of the infra container. */
  readonly infraSdnotify?: 'ignore'
  readonly share?: readonly ('net' | 'ipc' | 'uts' | 'pid' | 'user' | 'cgroup')[]
  /** Whether the control groups of its containers lie below its own (default). */
  readonly shareParent?: 'yes' | 'no'
  readonly network?: NetworkSpec
  readonly resources?: ResourceSpec
  /** Of the infra container; the others have its namespaces, devices, capabilities, seccomp, AppArmor and SELinux options as well. */
  readonly security?: SecuritySpec
  /** Of the infra container and all others. */
  readonly mounts?: MountSpec
  /** Of containers that choose none of their own. */
  readonly restart?: RestartPolicy
  /** The id of the container that stands for this pod and others. */
  readonly service?: string
  readonly exitPolicy?: 'continue' | 'stop'
  readonly onNameConflict?: 'refuse' | 'replace'
  readonly createCommand?: readonly string[]
}
