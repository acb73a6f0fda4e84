/** How a plugin is started: the one seam of this package, for callers who run plugins elsewhere, such as in another namespace. */
export interface PluginRunner {
  /**
   * Runs a program to its end with exactly this environment. A failing exit is an outcome, not an error.
   * @throws when the program cannot be started, and `signal.reason` when aborted.
   */
  run(path: string, input: PluginInput, call?: { readonly signal?: AbortSignal }): Promise<PluginOutcome>
}

export interface PluginInput {
  readonly env: Readonly<Record<string, string>>
  readonly stdin: Uint8Array
}

export interface PluginOutcome {
  /** Exit status, or the name of the signal that ended it. */
  readonly exit: number | NodeJS.Signals
  readonly stdout: Uint8Array
  /** The end of what it logged. */
  readonly stderr: string
}
