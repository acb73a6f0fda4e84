import type { Artifacts } from './artifacts/artifacts.ts'
import type { Containers } from './containers/containers.ts'
import type { Events } from './events/events.ts'
import type { Images } from './images/images.ts'
import type { Kube } from './kube/kube.ts'
import type { Manifests } from './manifests/manifests.ts'
import type { Networks } from './networks/networks.ts'
import type { Pods } from './pods/pods.ts'
import type { Secrets } from './secrets/secrets.ts'
import type { PullPolicy } from './spec/container.ts'
import type { System } from './system/system.ts'
import type { Volumes } from './volumes/volumes.ts'

/**
 * The engine that every door (command line, REST, varlink, a program of yours) sees. Opening reads configuration only; each
 * service opens what it needs on first use. Disposing closes files and leaves containers running.
 */
export interface Engine extends AsyncDisposable {
  readonly options: ResolvedOptions
  readonly containers: Containers
  readonly pods: Pods
  readonly images: Images
  readonly manifests: Manifests
  readonly artifacts: Artifacts
  readonly volumes: Volumes
  readonly networks: Networks
  readonly secrets: Secrets
  readonly kube: Kube
  readonly events: Events
  readonly system: System
}

/** What a caller may choose; the rest comes from containers.conf and storage.conf. All paths absolute. */
export interface EngineOptions {
  readonly root?: string
  readonly runRoot?: string
  readonly tmpDir?: string
  readonly imageStore?: string
  readonly storageDriver?: string
  readonly storageOptions?: readonly string[]
  /** How images are pulled, instead of storage.conf's `pull_options` (containers-storage.conf(5)). */
  readonly pullOptions?: Readonly<Record<string, string>>
  readonly transientStore?: 'yes' | 'no'
  /** Name or path of the OCI runtime. */
  readonly runtime?: string
  readonly runtimeFlags?: readonly string[]
  readonly conmon?: string
  readonly cgroupManager?: 'systemd' | 'cgroupfs'
  readonly networkConfigDir?: string
  readonly volumePath?: string
  readonly eventsBackend?: 'file' | 'journald' | 'none'
  readonly hooksDirs?: readonly string[]
  /** Files of mounts for every container, of which the first that exists is used, instead of the usual ones. */
  readonly defaultMountsFiles?: readonly string[]
  /** Directories of CDI files instead of the configured ones. */
  readonly cdiSpecDirs?: readonly string[]
  readonly modules?: readonly string[]
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'panic'
  readonly syslog?: 'yes' | 'no'
  readonly registriesConf?: string
  /** Where systemd hears of this program (NOTIFY_SOCKET): it is told of containers that start, and those made with it tell it themselves. */
  readonly notifySocket?: string
  /** What conmon runs when a container ends: program and first arguments; ids and options are appended. */
  readonly cleanupCommand?: readonly string[]
}

/** The options in force, after configuration files. */
export interface ResolvedOptions
  extends Required<Omit<EngineOptions, 'imageStore' | 'registriesConf' | 'notifySocket'>> {
  readonly imageStore?: string
  readonly notifySocket?: string
  readonly registriesConf?: string
  /** Of containers whose spec names none. */
  readonly logDriver: string
  /** When an image is fetched, where nobody says. */
  readonly pullPolicy: PullPolicy
  /** What leaves a container's terminal, where nobody says. */
  readonly detachKeys: string
  readonly graphDriver: string
  /** The runtime as it was asked for: a name of containers.conf, or a path; `runtime` is its path. */
  readonly runtimeName: string
  /** What the configuration leaves to chance, for who may change that. */
  readonly warnings: readonly string[]
  readonly staticDir: string
  /** Where the record of containers is: with the store, unless containers.conf names a `static_dir` for it. */
  readonly stateDir: string
  /** What containers.conf mounts into every container, as `--mount` and `--volume` have it; for front doors that read such options. */
  readonly defaultMounts: readonly string[]
  readonly defaultVolumes: readonly string[]
  /** Of containers.conf: programs that run compose files, the best first, and whether to tell that one is run. */
  readonly composeProviders: readonly string[]
  readonly composeWarning: 'yes' | 'no'
  readonly rootless: 'yes' | 'no'
  /** Of containers.conf: how often a registry that cannot be reached is tried again, and after how long (a Go duration). */
  readonly retry?: number
  readonly retryDelay?: string
  /** Of containers.conf: how layers are compressed on their way to a registry. */
  readonly compressionFormat?: string
  readonly compressionLevel?: number
  /** Further compressions in which the images of a list go there. */
  readonly addCompression?: readonly string[]
}
