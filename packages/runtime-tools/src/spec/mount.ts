/** A mount of the container (runtime-spec config.md, "Mounts"). */
export interface Mount {
  readonly destination: string
  readonly type?: string
  readonly source?: string
  readonly options?: readonly string[]
  readonly uidMappings?: readonly IdMapping[]
  readonly gidMappings?: readonly IdMapping[]
}

/** A range of ids; both sides start where said and run for `size` ids. */
export interface IdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}
