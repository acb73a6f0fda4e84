import type { HookStage } from '../spec/hooks.ts'
import type { IntelRdt } from '../spec/linux.ts'

/** A file of the Container Device Interface: how devices of one kind get into a container (CDI specification 1.0). */
export interface CdiSpec {
  readonly cdiVersion: string
  /** `vendor.com/class`. */
  readonly kind: string
  readonly devices: readonly CdiDevice[]
  /** Made once when any device of the file is used. */
  readonly containerEdits?: CdiEdits
}

export interface CdiDevice {
  readonly name: string
  readonly containerEdits: CdiEdits
}

export interface CdiEdits {
  readonly env?: readonly string[]
  readonly deviceNodes?: readonly CdiNode[]
  readonly mounts?: readonly {
    readonly hostPath: string
    readonly containerPath: string
    readonly type?: string
    readonly options?: readonly string[]
  }[]
  readonly hooks?: readonly {
    readonly hookName: HookStage
    readonly path: string
    readonly args?: readonly string[]
    readonly env?: readonly string[]
    readonly timeout?: number
  }[]
  readonly intelRdt?: IntelRdt
  readonly additionalGids?: readonly number[]
}

/** What is absent is taken from the node on the host. */
export interface CdiNode {
  readonly path: string
  readonly hostPath?: string
  readonly type?: 'b' | 'c' | 'u' | 'p' | ''
  readonly major?: number
  readonly minor?: number
  readonly fileMode?: number
  readonly permissions?: string
  readonly uid?: number
  readonly gid?: number
}

/** Whether a `--device` argument names a CDI device: `vendor.com/class=name`. */
export const isCdiName = (text: string): boolean => /^[A-Za-z][\w.-]*\/[A-Za-z][\w.-]*=[A-Za-z0-9][\w.:-]*$/.test(text)
