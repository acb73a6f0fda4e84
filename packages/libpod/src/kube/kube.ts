import type { BuildEvent } from '../build/spec.ts'
import type { PullEvent, RegistryOptions } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { LogSpec } from '../spec/container.ts'
import type { NetworkMode, PortMapping } from '../spec/network.ts'
import type { UserNamespaceMode } from '../spec/security.ts'

/** Pods as Kubernetes describes them: YAML made into pods, containers and volumes, and back. Rejects with KUBE_INVALID. */
export interface Kube {
  /**
   * Makes what the documents describe and starts it. What cannot be made leaves nothing behind; what cannot be started is
   * there, and told in the report. `yaml` may hold several documents.
   */
  play(yaml: string, options?: KubePlayOptions & Call<PullEvent | BuildEvent>): Promise<KubePlayReport>
  /** Ends and removes what `play` made of the same documents; their claims' volumes stay unless asked. */
  down(yaml: string, options?: { readonly volumes?: 'keep' | 'remove' } & Call): Promise<KubeDownReport>
  /**
   * YAML of pods, containers and volumes by name or id: containers that are in no pod together make one.
   * @throws LibpodError CONTAINER_UNKNOWN when nothing has a name, SPEC_INVALID when Kubernetes has no word for it
   */
  generate(names: readonly string[], options: KubeGenerateOptions & Call): Promise<string>
}

export interface KubeGenerateOptions {
  /** `pod`, `deployment`, `daemonset` or `job`; absent: as containers.conf says, or `pod`. */
  readonly type?: string
  /** Of a deployment; 1 or more. */
  readonly replicas?: number
  /** A service for the ports of each pod as well. */
  readonly service?: 'yes' | 'no'
  /** Also what only Podman understands. */
  readonly reserved?: 'with-reserved' | 'without-reserved'
  /** What is said to have written it. */
  readonly version: string
}

export interface KubePlayOptions {
  /** Credentials and trust for the images. */
  readonly registry?: RegistryOptions
  /**
   * Images are built that have a Containerfile in a directory of their name below this one: those that are not in the store, or
   * all. Absent: none is built.
   */
  readonly build?: { readonly directory: string; readonly when: 'missing' | 'always' }
  /** For every pod, whatever its document says. */
  readonly network?: NetworkMode
  /** One for each pod, in their order; the rest have addresses by chance. */
  readonly staticIps?: readonly string[]
  readonly staticMacs?: readonly string[]
  /** Instead of what a document says of the same port. */
  readonly publish?: readonly PortMapping[]
  /** Also ports for which a document names none of the host. */
  readonly publishAll?: 'yes' | 'no'
  /** A pod that is there already: refuse (default), or remove it first. */
  readonly onNameConflict?: 'refuse' | 'replace'
  readonly start?: 'yes' | 'no'
  /**
   * A container that runs as long as any of the pods does, ends badly if `any` or `all` of their containers failed, and is
   * removed with the last of them. systemd hears that it is the main process.
   */
  readonly service?: { readonly exitCodes: 'none' | 'any' | 'all' }
  /** Further documents, of config maps alone. */
  readonly configMaps?: readonly { readonly path: string; readonly yaml: string }[]
  /** Of all pods and containers, over those of a document. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly log?: LogSpec
  readonly hostsFile?: 'manage' | 'leave'
  readonly hostnameFile?: 'manage' | 'leave'
  /** Containers are called `POD-NAME` (default), or as their document says. */
  readonly names?: 'prefixed' | 'plain'
  readonly userNamespace?: UserNamespaceMode
  /** Where profiles of a document are; `/var/lib/kubelet/seccomp` when absent. */
  readonly seccompRoot?: string
  readonly createCommand?: readonly string[]
}

export interface KubePlayReport {
  /** Ids of the pods that went for these. */
  readonly replaced: readonly string[]
  /** Of claims that were played. */
  readonly volumes: readonly string[]
  /** Ids. */
  readonly secrets: readonly string[]
  readonly pods: readonly KubePlayedPod[]
  readonly warnings: readonly string[]
}

export interface KubePlayedPod {
  readonly id: string
  /** Ids, without those that ended before the others began. */
  readonly containers: readonly string[]
  /** Why containers did not start. */
  readonly errors: readonly string[]
}

export interface KubeDownReport {
  /** Ids of pods. */
  readonly stopped: readonly string[]
  readonly removed: readonly string[]
  readonly secrets: readonly string[]
  readonly volumes: readonly string[]
}
