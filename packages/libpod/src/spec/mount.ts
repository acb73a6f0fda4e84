/** What of the outside appears in the container's file system. */
export interface MountSpec {
  readonly rootfs?: { readonly readonly?: 'yes' | 'no'; readonly propagation?: string }
  readonly mounts?: readonly RequestedMount[]
  /** `CTR[:ro|rw|z]` of `--volumes-from`. */
  readonly volumesFrom?: readonly string[]
  /** What the VOLUMEs of the image become. */
  readonly imageVolumes?: 'anonymous' | 'tmpfs' | 'ignore'
  /** tmpfs on /run, /tmp, /var/tmp when the root is read-only; `always`: whatever the root is. */
  readonly readOnlyTmpfs?: 'yes' | 'no' | 'always'
  /** Bytes of /dev/shm. */
  readonly shmSize?: number
  readonly shmSizeSystemd?: number
  readonly chrootDirs?: readonly string[]
  /** Create the working directory when it is missing. */
  readonly createWorkdir?: 'yes' | 'no'
  readonly storageOptions?: Readonly<Record<string, string>>
}

export type RequestedMount =
  | {
      readonly kind: 'bind'
      readonly source: string
      readonly destination: string
      readonly options: readonly string[]
      /** Below `source`, links followed within it only. */
      readonly subPath?: string
    }
  | {
      readonly kind: 'volume' /** absent: anonymous */
      readonly name?: string
      readonly destination: string
      readonly options: readonly string[]
      readonly subPath?: string
      /** Of the volume, when it is made for this. */
      readonly driverOptions?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'tmpfs'; readonly destination: string; readonly options: readonly string[] }
  | { readonly kind: 'ramfs'; readonly destination: string; readonly options: readonly string[] }
  | { readonly kind: 'devpts'; readonly destination: string; readonly options: readonly string[] }
  | {
      readonly kind: 'overlay'
      readonly source: string
      readonly destination: string
      readonly options: readonly string[]
    }
  | {
      readonly kind: 'image'
      readonly image: string
      readonly destination: string
      readonly readWrite: 'yes' | 'no'
      readonly subPath?: string
    }
  | {
      /** Files of an artifact, read-only: over a file, or in a directory under their titles or `name`. */
      readonly kind: 'artifact'
      readonly artifact: string
      readonly destination: string
      readonly digest?: string
      readonly title?: string
      readonly name?: string
    }
  | {
      readonly kind: 'glob'
      readonly source: string
      readonly destination: string
      readonly options: readonly string[]
    }
