import type { CapabilityArgs } from './capabilities.ts'
import { checkArgument, checkContainerId, checkInterfaceName } from './names.ts'

/** One interface of one container on one network. */
export interface Attachment {
  readonly containerId: string
  /** Path of the network namespace. May be absent for {@link detach}, when it is gone. */
  readonly netns?: string
  /** Name of the interface in the container, such as `eth0`. */
  readonly ifName: string
  /** `CNI_ARGS`, in order. */
  readonly args?: readonly (readonly [key: string, value: string])[]
  /** What plugins that declare the capability get as `runtimeConfig`, such as `portMappings`. */
  readonly capabilityArgs?: CapabilityArgs
}

/** @throws CniError ARGUMENT_INVALID */
export function checkAttachment(attachment: Attachment): void {
  checkContainerId(attachment.containerId)
  checkInterfaceName(attachment.ifName)
  for (const pair of attachment.args ?? []) checkArgument(pair)
}
