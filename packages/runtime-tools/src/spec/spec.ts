import type { Hooks } from './hooks.ts'
import type { Linux } from './linux.ts'
import type { Mount } from './mount.ts'
import type { Process } from './process.ts'

/** `config.json` of a bundle: the OCI runtime specification, version 1.2, as Linux uses it. */
export interface Spec {
  readonly ociVersion: string
  readonly process?: Process
  readonly root?: { readonly path: string; readonly readonly?: boolean }
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts?: readonly Mount[]
  readonly hooks?: Hooks
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux?: Linux
}
