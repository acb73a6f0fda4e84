import type { PortMapping } from '../../spec/network.ts'
import type { NetworkStatus } from '../backend.ts'

/** One container's namespace, for a program of its own to carry its packets. */
export interface ProgramRequest {
  readonly containerId: string
  /** Path of the pinned network namespace. */
  readonly netns: string
  /** What stands behind the mode's name, the configured ones first. */
  readonly options: readonly string[]
  readonly ports: readonly PortMapping[]
  /** Reads the end when the monitor is gone. */
  readonly lifeline: number
  /** A directory for sockets: short. */
  readonly sockets: string
  /** Where the program may be, besides the usual places. */
  readonly directories: readonly string[]
}

export interface StartedProgram {
  readonly status: NetworkStatus
  /** Absent when it goes by itself with the namespace. */
  readonly pid?: number
}

/** A network in user space: one folder each. */
export interface NetworkProgram {
  /** @throws LibpodError SPEC_INVALID for options that it does not know */
  check(options: readonly string[]): void
  /** Resolves when packets and published ports pass. @throws LibpodError NETWORK_FAILED with the program's last words */
  start(request: ProgramRequest): Promise<StartedProgram>
  /** Removes what it left in the file system; safe twice. */
  forget?(request: Pick<ProgramRequest, 'sockets' | 'containerId'>): void
}
