import type { HealthSpec } from './health.ts'
import type { MountSpec } from './mount.ts'
import type { NetworkSpec } from './network.ts'
import type { ProcessSpec } from './process.ts'
import type { ResourceSpec } from './resources.ts'
import type { SecuritySpec } from './security.ts'

/** When an image is fetched: each time, where it is missing, never, or where the registry has a newer one. */
export type PullPolicy = 'always' | 'missing' | 'never' | 'newer'

/**
 * What a caller asks for when it creates a container. Every front door (flags, REST, varlink, kube YAML) translates
 * into this once; nothing here was looked up on the host. Absent means "the engine's default".
 */
export interface ContainerSpec {
  /** An image name or id as the user wrote it; absent only with `rootfs`. */
  readonly image?: string
  /** An exploded root file system to use instead of an image (`--rootfs`). */
  readonly rootfs?: { readonly path: string; readonly overlay: 'none' | 'temporary' }
  readonly pullPolicy?: PullPolicy
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string }
  readonly name?: string
  readonly pod?: string
  /** It does nothing but hold the namespaces of its pod; made by the engine itself. */
  readonly infra?: 'yes'
  /** It stands for pods: it runs as long as one of them does, and ends badly if `any` or `all` of their containers failed. */
  readonly service?: { readonly exitCodes: 'none' | 'any' | 'all' }
  /** When a container of this name exists: refuse (default) or remove it first (`--replace`). */
  readonly onNameConflict?: 'refuse' | 'replace'
  readonly process?: ProcessSpec
  readonly network?: NetworkSpec
  readonly mounts?: MountSpec
  readonly resources?: ResourceSpec
  readonly security?: SecuritySpec
  readonly health?: HealthSpec
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly log?: LogSpec
  /** `remove`: the container goes when it exits (`--rm`); `remove-with-image`: its image too (`--rmi`). */
  readonly onExit?: 'keep' | 'remove' | 'remove-with-image'
  readonly restart?: RestartPolicy
  /** Seconds after which the container is killed; 0 or absent: never. */
  readonly timeout?: number
  /** Names or ids of containers that must run first (`--requires`). */
  readonly dependencies?: readonly string[]
  readonly cidFile?: string
  readonly pidFile?: string
  readonly conmonPidFile?: string
  readonly init?: { readonly path?: string }
  /** Runs to its end before the other containers of its pod begin: at each start of the pod, or at the first and is gone. */
  readonly initContainer?: 'always' | 'once'
  readonly systemd?: 'auto' | 'always' | 'never'
  readonly sdnotify?: 'container' | 'conmon' | 'ignore' | 'healthy'
  /** Environment secrets and mounted secrets by name. */
  readonly secrets?: readonly SecretUse[]
  /** Files of OCI hook directories for this container instead of the configured ones. */
  readonly hookDirs?: readonly string[]
  /** The command line that made it, for `inspect`. */
  readonly createCommand?: readonly string[]
  /** Killed and removed, whatever `onExit` and `restart` say, when the process that creates it is gone, however it ended. */
  readonly lease?: 'this-process'
}

export interface LogSpec {
  readonly driver?: 'k8s-file' | 'json-file' | 'journald' | 'none' | 'passthrough' | 'passthrough-tty'
  readonly path?: string
  /** Bytes; -1: unlimited. */
  readonly maxSize?: number
  readonly tag?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface RestartPolicy {
  readonly name: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  readonly maxRetries?: number
}

export interface SecretUse {
  readonly source: string
  readonly as:
    | {
        readonly kind: 'mount'
        readonly target?: string
        readonly uid?: number
        readonly gid?: number
        readonly mode?: number
      }
    | { readonly kind: 'env'; readonly target?: string }
}
