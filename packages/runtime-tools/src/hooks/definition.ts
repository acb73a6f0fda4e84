import type { Hook } from '../spec/hooks.ts'

/** Stages of an OCI hook file: those of the runtime, and two that the engine runs itself. */
export const hookFileStages = [
  'precreate',
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const
export type HookFileStage = (typeof hookFileStages)[number]

/** A hook and when it is wanted (oci-hooks(5)). Conditions are regular expressions in text. */
export interface HookDefinition {
  /** The file it came from, without directory. */
  readonly name: string
  readonly hook: Hook
  readonly stages: readonly HookFileStage[]
  readonly when: HookConditions
  /** Version 1.0.0 wants all the conditions given, 0.1.0 any. */
  readonly match: 'all' | 'any'
}

export interface HookConditions {
  readonly always?: boolean
  /** Every pair must match some annotation. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Any may match `process.args[0]`. */
  readonly commands?: readonly string[]
  readonly hasBindMounts?: boolean
}
