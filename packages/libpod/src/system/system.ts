import type { AutoUpdateOptions, AutoUpdateReport } from '../auto-update/auto-update.ts'
import type { ImageWarning } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { EngineVersion } from './version.ts'

/** The JSON of `podman info`, Podman's key names. */
export interface SystemInfo {
  readonly host: Readonly<Record<string, unknown>>
  readonly store: Readonly<Record<string, unknown>>
  readonly registries: Readonly<Record<string, unknown>>
  readonly plugins: Readonly<Record<string, unknown>>
  readonly version: Readonly<Record<string, unknown>>
}

export interface DiskUsage {
  readonly images: readonly {
    readonly repository: string
    readonly tag: string
    readonly id: string
    readonly created: number
    readonly size: number
    readonly sharedSize: number
    readonly uniqueSize: number
    readonly containers: number
  }[]
  readonly containers: readonly {
    readonly id: string
    readonly image: string
    readonly command: readonly string[]
    readonly localVolumes: number
    readonly size: number
    readonly rwSize: number
    readonly created: number
    readonly state: string
    readonly name: string
  }[]
  readonly volumes: readonly {
    readonly name: string
    readonly links: number
    readonly size: number
    readonly reclaimable: number
  }[]
  /** Bytes on disk of all image layers, each counted once. */
  readonly imagesSize: number
}

/** One thing wrong with a layer, image or container of the store. */
export interface Damage {
  readonly about: 'layer' | 'image' | 'container' | 'records file'
  readonly id: string
  readonly text: string
}

export interface CheckReport {
  readonly damages: readonly Damage[]
  readonly removedImages: readonly string[]
  readonly removedContainers: readonly string[]
}

export interface System {
  version(): EngineVersion
  info(call?: Call): Promise<SystemInfo>
  diskUsage(call?: Call): Promise<DiskUsage>
  /** Removes every container, image, volume, network and secret of this root. */
  reset(call?: Call<ImageWarning>): Promise<void>
  check(
    options: {
      readonly repair: 'no' | 'yes' | 'lossy'
      readonly quick?: 'yes' | 'no'
      readonly maxAgeMs?: number
    } & Call,
  ): Promise<CheckReport>
  /** Brings the database up to date; stops the running containers, which it gives, and ends a plain user's namespace. */
  migrate(
    options?: {
      /** Whose the containers are from their next start on, by name or path. */
      readonly newRuntime?: string
    } & Call,
  ): Promise<readonly string[]>
  /**
   * Pulls newer images of the running containers that are labelled for it and restarts their systemd units; `check` only looks.
   * Rejects only when the list of containers cannot be read: what fails for one container is in the report.
   */
  autoUpdate(options?: AutoUpdateOptions): Promise<AutoUpdateReport>
  renumber(call?: Call): Promise<void>
}
