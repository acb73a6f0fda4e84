import type { Readable } from 'node:stream'
import type { RegistryOptions } from '../images/images.ts'

type Texts = readonly string[]
type Pairs = Readonly<Record<string, string>>
type YesNo = 'yes' | 'no'

/** What an image is built from. Paths are absolute, or start at the working directory of the process. */
export interface BuildSource {
  /**
   * A directory, the URL of an archive or of a git repository, or `-`: an archive or a Containerfile on `input`. Absent: the
   * directory of the first of `files`.
   */
  readonly context?: string
  /** Containerfiles: paths, URLs, or `-` for `input`. Absent: the context's `Containerfile`, else its `Dockerfile`. */
  readonly files?: Texts
  /** Further contexts by the name that `FROM` and `COPY --from` know them by. */
  readonly contexts?: Pairs
  readonly args?: Pairs
  /** The image that stands for the one of the first `FROM`. */
  readonly from?: string
  /** The stage to stop at. */
  readonly target?: string
  readonly ignoreFile?: string
  /** Flags for the C preprocessor, for Containerfiles that end in `.in`. */
  readonly cppFlags?: Texts
  /** `id=NAME,src=PATH` and `id=NAME,env=VARIABLE`, readable in steps that mount them. */
  readonly secrets?: Texts
  /** `default`, or `ID[=SOCKET|KEY[,KEY]]`. */
  readonly ssh?: Texts
}

/** For which machines an image is built. */
export interface BuildPlatforms {
  /** `OS/ARCH[/VARIANT]` each; more than one make an index when `manifest` is given. */
  readonly platforms?: Texts
  readonly allPlatforms?: YesNo
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: Texts
}

/** What the image is like, and where it goes besides the store. */
export interface BuildResult {
  readonly tags?: Texts
  /** The list of images to add the result to, made when there is none. */
  readonly manifest?: string
  readonly format?: 'oci' | 'docker'
  /** `type=local,dest=PATH` or `type=tar,dest=PATH`. */
  readonly outputs?: Texts
  readonly labels?: Pairs
  readonly layerLabels?: Pairs
  readonly annotations?: Pairs
  /** `NAME=VALUE`, or `NAME` for the value of this process. */
  readonly env?: Texts
  readonly unsetEnv?: Texts
  readonly unsetLabels?: Texts
  readonly unsetAnnotations?: Texts
  readonly inheritLabels?: YesNo
  readonly inheritAnnotations?: YesNo
  readonly createdAnnotation?: YesNo
  readonly identityLabel?: YesNo
  readonly omitHistory?: YesNo
  /** Seconds since the epoch, for the image and all files of its layers. */
  readonly timestamp?: number
  /** Seconds since the epoch, for the image. */
  readonly sourceDateEpoch?: number
  readonly rewriteTimestamp?: YesNo
  readonly disableCompression?: YesNo
  /** A key of the user's GnuPG keyring. */
  readonly signBy?: string
  /** Options of a confidential workload. */
  readonly confidential?: string
  readonly sbom?: SbomOptions
}

/** Which list of contents is made of the image, by which scanner, and where it is put. */
export interface SbomOptions {
  readonly preset?: string
  readonly scannerImage?: string
  readonly scannerCommands?: Texts
  readonly mergeStrategy?: string
  readonly output?: string
  readonly imageOutput?: string
  readonly purlOutput?: string
  readonly imagePurlOutput?: string
}

/** How `RUN` steps are executed. */
export interface BuildSteps {
  readonly isolation?: 'oci' | 'rootless' | 'chroot'
  readonly network?: string
  readonly ipc?: string
  readonly pid?: string
  readonly uts?: string
  readonly cgroupNamespace?: string
  readonly userNamespace?: string
  readonly uidMap?: Texts
  readonly gidMap?: Texts
  readonly uidMapUser?: string
  readonly gidMapGroup?: string
  readonly groups?: Texts
  readonly addHosts?: Texts
  readonly dns?: Texts
  readonly dnsOptions?: Texts
  readonly dnsSearch?: Texts
  readonly noHosts?: YesNo
  readonly noHostname?: YesNo
  readonly httpProxy?: YesNo
  readonly volumes?: Texts
  readonly compatVolumes?: YesNo
  readonly devices?: Texts
  readonly capAdd?: Texts
  readonly capDrop?: Texts
  readonly securityOptions?: Texts
  readonly ulimits?: Texts
  /** Bytes. */
  readonly shmSize?: number
  /** Bytes. */
  readonly memory?: number
  /** Bytes; -1 for no limit. */
  readonly memorySwap?: number
  readonly cpuShares?: number
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly cgroupParent?: string
  readonly hooksDirs?: Texts
  readonly runtimeFlags?: Texts
  /** `yes`: steps read what `input` has. */
  readonly stdin?: YesNo
}

/** What is kept and used again, and how the build goes about it. */
export interface BuildCourse {
  /** A layer and an image for each step, used again by later builds; `yes` unless told otherwise. */
  readonly layers?: YesNo
  readonly noCache?: YesNo
  readonly cacheFrom?: Texts
  readonly cacheTo?: Texts
  /** A Go duration: images of steps that are older are made anew. */
  readonly cacheTtl?: string
  /** `new-layers`: one layer on top of the base image's; `all`: one layer. */
  readonly squash?: 'new-layers' | 'all'
  readonly skipUnusedStages?: YesNo
  /** Stages built at once; 0 for no limit. */
  readonly jobs?: number
  readonly pull?: 'always' | 'missing' | 'never' | 'newer'
  /** Working containers of a build that succeeded are removed; `yes` unless told otherwise. */
  readonly removeContainers?: YesNo
  /** And those of one that failed; `yes` unless told otherwise. */
  readonly alwaysRemoveContainers?: YesNo
  readonly quiet?: YesNo
  /** Where the output goes instead of `onProgress`. */
  readonly logFile?: string
  readonly logSplit?: YesNo
  readonly logRusage?: YesNo
  readonly decryptionKeys?: Texts
}

/**
 * One build, as `podman build` knows it (podman-build(1)). `credentials` reach Buildah as arguments, which other users of the
 * host can read while it runs; `authFile` does not tell them.
 */
export interface BuildSpec
  extends BuildSource,
    BuildPlatforms,
    BuildResult,
    BuildSteps,
    BuildCourse,
    Omit<RegistryOptions, 'retryDelayMs'> {
  /** A Go duration. */
  readonly retryDelay?: string
}

/** A piece of what the build says, as it comes; UTF-8, not cut at lines. */
export interface BuildEvent {
  readonly type: 'output'
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
}

/** What the build may read: nothing unless given. `own` is the standard input of this process. */
export type BuildInput = 'own' | Readable

export interface BuiltImage {
  /** Of the image, or of the list that it was added to. */
  readonly id: string
}
