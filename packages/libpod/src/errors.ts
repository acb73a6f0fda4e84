/** Every code a caller of the engine can meet, each with one sentence. */
export const errorCodes = {
  CONTAINER_UNKNOWN: 'no container has this name or id',
  CONTAINER_STATE: 'the container is in a state that does not allow this',
  CONTAINER_RUNNING: 'the container is running',
  CONTAINER_IN_USE: 'other containers depend on this one',
  IMAGE_UNKNOWN: 'no image has this name or id',
  IMAGE_IN_USE: 'a container uses this image',
  IMAGE_INVALID: 'the image cannot be used',
  IMAGE_UNAVAILABLE: 'the image could not be fetched or sent',
  ARTIFACT_UNKNOWN: 'no artifact has this name or digest',
  FILE_IN_ARTIFACT: 'the artifact has a file of this name already',
  POD_UNKNOWN: 'no pod has this name or id',
  VOLUME_UNKNOWN: 'no volume has this name',
  VOLUME_IN_USE: 'a container uses this volume',
  VOLUME_PLUGIN_UNKNOWN: 'containers.conf names no volume plugin for this driver',
  VOLUME_PLUGIN_FAILED: 'a volume plugin is not there or refused',
  NETWORK_UNKNOWN: 'no network has this name or id',
  NETWORK_IN_USE: 'a container uses this network',
  NETWORK_FAILED: 'the network could not be set up',
  UNIT_FAILED: 'systemd could not restart the unit',
  SECRET_UNKNOWN: 'no secret has this name or id',
  SECRET_INVALID: 'the secret is empty or too large',
  NAME_IN_USE: 'the name is taken',
  NAME_AMBIGUOUS: 'more than one object matches',
  NAME_INVALID: 'the name has characters that are not allowed',
  SPEC_INVALID: 'the request contradicts itself or the host',
  KUBE_INVALID: 'the Kubernetes YAML is wrong, or describes what does not exist',
  FILE_UNKNOWN: 'no file has this path in the container',
  COMMAND_NOT_FOUND: 'the command does not exist in the container',
  COMMAND_NOT_EXECUTABLE: 'the command cannot be executed',
  RUNTIME_FAILED: 'the OCI runtime reported an error',
  ROOTLESS_UNAVAILABLE: 'a plain user cannot have a user namespace here',
  RUNTIME_UNAVAILABLE: 'no OCI runtime on this host works',
  MONITOR_FAILED: 'conmon could not be started or died',
  CONFIG_MALFORMED: 'a configuration file cannot be read, or has a value that cannot be',
  CONFIG_INVALID: 'a configuration file or option is wrong',
  EXEC_SESSION_UNKNOWN: 'no exec session has this id',
  HEALTHCHECK_UNDEFINED: 'the container has no health check',
  BUILDER_UNAVAILABLE: 'Buildah is not installed',
  BUILD_FAILED: 'Buildah ended the build with an error',
  UNSUPPORTED: 'this host or build cannot do this',
} as const

export type ErrorCode = keyof typeof errorCodes

/**
 * An error of the engine. `message` is written as Podman words it (without `Error: `); `subject` is the object concerned,
 * `hint` says what to do, `cause` keeps what was underneath.
 */
export class LibpodError extends Error {
  readonly code: ErrorCode
  readonly subject: string | undefined
  readonly hint: string | undefined
  constructor(code: ErrorCode, message: string, options: { subject?: string; hint?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'LibpodError'
    this.code = code
    this.subject = options.subject
    this.hint = options.hint
  }
}
