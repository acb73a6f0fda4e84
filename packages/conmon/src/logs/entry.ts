/** A piece of output as a log keeps it. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds, as it was written. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** Whether the line goes on in a later entry of the same stream; then no newline belongs behind the message. */
  readonly partial: boolean
  /** Without the newline that ended it. */
  readonly message: Buffer
}
