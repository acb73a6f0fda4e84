import type { PullPolicy } from '../spec/container.ts'

/** What containers.conf decides, every file merged; names follow containers.conf(5). */
export interface EngineConfig {
  readonly containers: {
    readonly annotations: readonly string[]
    readonly capabilities: readonly string[] | undefined
    readonly sysctls: readonly string[]
    readonly ulimits: readonly string[]
    readonly devices: readonly string[]
    readonly dns: {
      readonly servers: readonly string[]
      readonly search: readonly string[]
      readonly options: readonly string[]
    }
    /** Whether the engine's own environment goes into containers. */
    readonly envHost: boolean
    readonly env: readonly string[]
    readonly httpProxy: boolean
    readonly init: boolean
    readonly initPath: string | undefined
    readonly ipcns: string | undefined
    readonly pidns: string | undefined
    readonly utsns: string | undefined
    readonly cgroupns: string | undefined
    readonly userns: string | undefined
    readonly cgroups: string | undefined
    readonly apparmorProfile: string | undefined
    /** Where none is set, the host decides. */
    readonly logDriver: string | undefined
    /** Bytes; -1: unlimited. */
    readonly logSizeMax: number
    readonly netns: string
    readonly pidsLimit: number
    readonly readOnly: boolean
    readonly seccompProfile: string | undefined
    readonly shmSize: string
    readonly timezone: string | undefined
    readonly umask: string
    readonly volumes: readonly string[]
    readonly mounts: readonly string[]
    readonly hostsFile: 'manage' | 'leave'
    readonly baseHostsFile: string | undefined
    readonly privileged: boolean
    readonly hostnameFromName: boolean
    readonly oomScoreAdj: number | undefined
    readonly hostContainersInternalIp: string | undefined
  }
  readonly engine: {
    readonly cgroupManager: string | undefined
    readonly cdiSpecDirs: readonly string[] | undefined
    readonly conmonPath: readonly string[]
    readonly conmonEnv: readonly string[]
    readonly detachKeys: string
    readonly eventsLogger: string | undefined
    readonly eventsLogfilePath: string | undefined
    /** Bytes. */
    readonly eventsLogfileMaxSize: number
    /** Whether the event of a creation says all that `inspect` does. */
    readonly eventsInspectData: boolean
    readonly helperBinariesDir: readonly string[]
    readonly hooksDir: readonly string[]
    readonly imageParallelCopies: number | undefined
    /** How layers are compressed on their way to a registry, when nobody says. */
    readonly compressionFormat: string | undefined
    readonly compressionLevel: number | undefined
    /** Further compressions in which the images of a list go there. */
    readonly addCompression: readonly string[]
    readonly pullPolicy: PullPolicy
    /** How often a registry that cannot be reached is tried again, and after how long (a Go duration). */
    readonly retry: number | undefined
    readonly retryDelay: string | undefined
    readonly runtime: string | undefined
    /** Options of slirp4netns for every container that uses it. */
    readonly networkCmdOptions: readonly string[]
    /** Names of runtimes that run containers without a cgroup. */
    readonly runtimesWithoutCgroups: readonly string[]
    readonly runtimes: Readonly<Record<string, readonly string[]>>
    /** Global flags of a runtime, by its name, without their dashes: when none are given otherwise. */
    readonly runtimesFlags: Readonly<Record<string, readonly string[]>>
    /** Volume drivers of other programs, by name: the path of their socket. */
    readonly volumePlugins: Readonly<Record<string, string>>
    /** Seconds. */
    readonly volumePluginTimeout: number
    /** Programs that run compose files, the best first: names or paths. */
    readonly composeProviders: readonly string[]
    readonly composeWarningLogs: boolean
    readonly staticDir: string | undefined
    readonly tmpDir: string | undefined
    readonly volumePath: string | undefined
    readonly stopTimeout: number
    readonly noPivotRoot: boolean
    readonly infraImage: string | undefined
    /** The kind that `kube generate` writes unless told otherwise. */
    readonly kubeGenerateType: string | undefined
    /** What becomes of an image's volumes when nobody says. */
    readonly imageVolumeMode: string | undefined
  }
  readonly network: {
    readonly backend: string | undefined
    readonly cniPluginDirs: readonly string[]
    readonly configDir: string | undefined
    readonly defaultNetwork: string
    readonly defaultSubnet: string
    readonly defaultSubnetPools: readonly { readonly base: string; readonly size: number }[]
    readonly pastaOptions: readonly string[]
    /** What carries the packets of plain users' containers. */
    readonly defaultRootlessNetworkCmd: string | undefined
  }
  /** The files read, in order. */
  readonly files: readonly string[]
}
