/** A health check. Times in nanoseconds, as image configs have them. */
export interface HealthSpec {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', text]`. */
  readonly test?: readonly string[]
  readonly interval?: number
  readonly timeout?: number
  readonly startPeriod?: number
  /** In the start period: runs of which failures do not count (default), or none. */
  readonly startPeriodRuns?: 'uncounted' | 'none'
  readonly retries?: number
  readonly startup?: {
    /** Absent only in an update that keeps it. */
    readonly test?: readonly string[]
    readonly interval?: number
    readonly timeout?: number
    readonly retries?: number
    readonly successes?: number
  }
  readonly onFailure?: 'none' | 'kill' | 'restart' | 'stop'
  readonly logDestination?: string
  readonly maxLogCount?: number
  readonly maxLogSize?: number
}
