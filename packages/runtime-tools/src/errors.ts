/** Every code that this package raises, each with one sentence. */
export const errorCodes = {
  ACCOUNTS_TOO_LARGE: 'a passwd or group file is larger than may be read',
  CAPABILITY_UNKNOWN: 'no capability has this name, or the host does not grant it',
  CAPABILITY_CONFLICT: 'a capability is both added and dropped',
  CDI_DEVICE_UNKNOWN: 'no CDI specification describes this device',
  CDI_INVALID: 'a CDI specification is malformed',
  DEVICE_INVALID: 'the path is no device, or its description is malformed',
  GROUP_UNKNOWN: 'no group has this name',
  HOOK_FAILED: 'a hook ended with an error',
  HOOK_INVALID: 'a hook definition is malformed',
  HOOK_TIMEOUT: 'a hook ran longer than it may',
  MOUNT_INVALID: 'a mount or one of its options is not allowed',
  PATH_INVALID: 'a path is not absolute or points at a process descriptor',
  RLIMIT_INVALID: 'a resource limit is malformed',
  SECCOMP_INVALID: 'a seccomp profile is malformed',
  SPEC_INVALID: 'a runtime specification is malformed',
  SYSCTL_INVALID: 'a kernel parameter cannot be set in this container',
  USER_INVALID: 'a user or group is not a name or a decimal number in range',
  USER_UNKNOWN: 'no user has this name',
} as const

export type RuntimeToolsErrorCode = keyof typeof errorCodes

/** An error of this package: `code` is stable, `subject` names the thing, `cause` keeps what was underneath. */
export class RuntimeToolsError extends Error {
  readonly code: RuntimeToolsErrorCode
  readonly subject: string | undefined
  constructor(code: RuntimeToolsErrorCode, message: string, options: { subject?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'RuntimeToolsError'
    this.code = code
    this.subject = options.subject
  }
}
