/**
 * The JSON of `podman container inspect`, with Podman's own key names, order and types
 * (its man page and `InspectContainerData` of the REST API). Extended as fields are filled.
 */
export interface ContainerInspect {
  readonly Id: string
  readonly Created: string
  readonly Name: string
  readonly State: {
    readonly Status: string
    readonly Running: boolean
    readonly Pid: number
    readonly ExitCode: number
  }
  readonly Image: string
  readonly ImageName: string
  readonly [key: string]: unknown
}
