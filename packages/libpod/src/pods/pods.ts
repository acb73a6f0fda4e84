import type { Call } from '../spec/call.ts'
import type { PodSpec } from '../spec/pod.ts'

/** Pods: containers that share namespaces and a cgroup. */
export interface Pods {
  create(spec: PodSpec, call?: Call): Promise<{ readonly id: string; readonly warnings: readonly string[] }>
  start(name: string, call?: Call): Promise<void>
  stop(name: string, options?: { readonly timeout?: number } & Call): Promise<void>
  kill(name: string, signal: string, call?: Call): Promise<void>
  remove(
    name: string,
    options?: { readonly running?: 'refuse' | 'kill'; readonly timeout?: number } & Call,
  ): Promise<readonly string[]>
  list(filters?: Readonly<Record<string, readonly string[]>>): Promise<readonly PodSummary[]>
  inspect(name: string): Promise<Readonly<Record<string, unknown>>>
  exists(name: string): Promise<boolean>
}

export interface PodSummary {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created: number
  readonly infraId: string
  readonly labels: Readonly<Record<string, string>>
  readonly containers: readonly { readonly id: string; readonly name: string; readonly status: string }[]
}
