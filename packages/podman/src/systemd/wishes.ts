import type { Grammar } from './create-command.ts'

/** What of a container its unit is made of. */
export interface ContainerFacts {
  readonly id: string
  readonly name: string
  readonly createCommand: readonly string[] | undefined
  /** Seconds. */
  readonly stopTimeout: number
  /** conmon's. */
  readonly pidFile: string
  readonly restartPolicy: string
  readonly env: readonly string[]
  /** Ids. */
  readonly dependencies: readonly string[]
  readonly runRoot: string
}

export interface PodFacts {
  readonly id: string
  readonly name: string
  readonly createCommand: readonly string[] | undefined
  readonly infra: ContainerFacts | undefined
  readonly containers: readonly ContainerFacts[]
}

/** How the user wants units; times in seconds. */
export interface UnitOptions {
  /** `fresh`: the unit makes what it starts; `template`: the same, for many instances. */
  readonly what: 'existing' | 'fresh' | 'template'
  /** How this program is started, escaped for a unit. */
  readonly program: string
  readonly runGrammar: Grammar
  readonly podGrammar: Grammar
  readonly environment: readonly string[]
  readonly restartPolicy?: string
  readonly restartSec?: number
  readonly startTimeout?: number
  readonly stopTimeout?: number
  /** Name or id. */
  nameOf(subject: { readonly id: string; readonly name: string }): string
  serviceName(kind: 'container' | 'pod', subject: { readonly id: string; readonly name: string }): string
}
