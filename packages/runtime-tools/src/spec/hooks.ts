/** A program that the runtime starts at one stage (runtime-spec config.md, "POSIX-platform Hooks"). */
export interface Hook {
  /** Absolute path in the runtime's namespace. */
  readonly path: string
  readonly args?: readonly string[]
  readonly env?: readonly string[]
  /** Seconds. */
  readonly timeout?: number
}

export const hookStages = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const
export type HookStage = (typeof hookStages)[number]

export type Hooks = { readonly [Stage in HookStage]?: readonly Hook[] }
