import type { Call } from '../spec/call.ts'

/** One line of the event log (Podman's journal of what happened), with its key spelling kept in the writer. */
export interface EngineEvent {
  readonly type: 'container' | 'image' | 'network' | 'pod' | 'system' | 'volume' | 'machine' | 'secret' | 'artifact'
  readonly status: string
  readonly time: string
  readonly id?: string
  readonly name?: string
  readonly image?: string
  readonly containerExitCode?: number
  readonly oomKilled?: boolean
  readonly network?: string
  readonly healthStatus?: string
  readonly healthLog?: string
  readonly healthFailingStreak?: number
  readonly error?: string
  readonly podId?: string
  readonly containerInspectData?: string
  readonly attributes?: Readonly<Record<string, string>>
}

export interface EventOptions {
  readonly filters?: Readonly<Record<string, readonly string[]>>
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly until?: number
  readonly stream?: 'yes' | 'no'
}

export interface Events {
  write(event: Omit<EngineEvent, 'time'> & { readonly time?: string }): Promise<void>
  read(options?: EventOptions & Call): AsyncIterable<EngineEvent>
}
