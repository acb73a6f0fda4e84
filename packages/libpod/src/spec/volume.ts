/** What a caller asks for when it creates a volume. */
export interface VolumeSpec {
  /** Absent: a random name. */
  readonly name?: string
  readonly driver?: string
  readonly labels?: Readonly<Record<string, string>>
  /** `type`, `device`, `o` and the driver's own. */
  readonly options?: Readonly<Record<string, string>>
  /** Whose it is, whatever `o` says; a container then does not make it its own. */
  readonly uid?: number
  readonly gid?: number
  readonly onNameConflict?: 'refuse' | 'ignore'
  /** `yes`: it belongs to one container and goes with it (`rm -v`, `--rm`). */
  readonly anonymous?: 'yes' | 'no'
}
