import type { Hook } from '@libpod/runtime-tools'
import type { ContainerId, ContainerState } from '../containers/containers.ts'
import type { NetworkStatus } from '../networks/backend.ts'
import type { StartupProgress } from '../plan/health.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { IdMap } from '../spec/security.ts'

/** What was decided when the container was created. Written once; `update` and `rename` alone change it. */
export interface ContainerConfig {
  /** As asked for. */
  readonly spec: ContainerSpec
  readonly imageId: string
  /** Fully qualified; '' without an image. */
  readonly imageName: string
  /** The whole command, entrypoint first. */
  readonly argv: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly workdir: string
  readonly user: string
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  /** Number. */
  readonly stopSignal: number
  /** Seconds. */
  readonly stopTimeout: number
  readonly networks: readonly NetworkAttachment[]
  /** With host ports chosen. */
  readonly ports: readonly PortMapping[]
  /** By image and user: `80/tcp`. Absent in records of old: the user's alone. */
  readonly exposed?: readonly string[]
  readonly volumes: readonly NamedVolumeUse[]
  readonly logDriver: string
  readonly logPath: string
  /** Its path. */
  readonly runtime: string
  /** As it was asked for: a name of containers.conf, or a path. */
  readonly runtimeName?: string
  readonly cgroupManager: 'systemd' | 'cgroupfs'
  /** A plain user's, where only systemd could give it one, has no control group and so no limits. */
  readonly ownCgroup?: 'no'
  /** Where systemd hears of the service that it is. */
  readonly notifySocket?: string
  readonly healthcheck?: ContainerSpec['health']
  readonly infra: 'yes' | 'no'
  readonly podId?: string
  /** Of its user namespace; absent: ids are the engine's own. */
  readonly idMappings?: IdMappings
  /** The process that it is to live no longer than. */
  readonly lease?: ProcessIdentity
}

export interface IdMappings {
  readonly uids: readonly IdMap[]
  readonly gids: readonly IdMap[]
}

export interface NamedVolumeUse {
  readonly name: string
  readonly destination: string
  readonly options: readonly string[]
  readonly anonymous: 'yes' | 'no'
  readonly subPath?: string
}

/** What happens to the container. Replaced as a whole. */
export interface ContainerStatus {
  readonly state: ContainerState
  /** A run is being prepared: when nobody holds the container's lock, its preparer was killed and what it took is to be given back. */
  readonly preparing?: 'yes'
  readonly process?: ProcessIdentity
  readonly monitor?: ProcessIdentity
  /** The shell that has the health check run now and then. */
  readonly healthTimer?: ProcessIdentity
  /** How far the startup health check of this run is. */
  readonly startupHealth?: StartupProgress
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly exitCode?: number
  readonly oomKilled?: 'yes' | 'no'
  readonly error?: string
  /** Milliseconds since the epoch. */
  readonly checkpointedAt?: number
  readonly restoredAt?: number
  readonly mountPoint?: string
  /** Of a container that shares its caller's. */
  readonly cgroup?: string
  readonly netns?: string
  /** That carries its packets. */
  readonly networkProgram?: ProcessIdentity
  readonly networks?: Readonly<Record<string, NetworkStatus>>
  readonly restarts: number
  /** Hooks of the engine for when the runtime has forgotten the container. */
  readonly poststopHooks?: readonly Hook[]
  /** Who stopped it only to start it anew: as long as that process lives nobody else cleans up behind the container. */
  readonly restarter?: ProcessIdentity
  /** Set by stop and kill: the restart policy does not apply. */
  readonly stoppedByUser?: 'yes' | 'no'
}

/** A process that cannot be mistaken: pids are used again, and everything starts anew after a boot. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot, /proc/<pid>/stat field 22. */
  readonly startTime: string
  readonly bootId: string
}

export interface ContainerRecord {
  readonly id: ContainerId
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly config: ContainerConfig
  readonly status: ContainerStatus
}
