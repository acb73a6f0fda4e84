import type { PullEvent, RegistryOptions } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { AutoUpdatePolicy } from './policy.ts'

export interface AutoUpdateOptions extends Pick<RegistryOptions, 'authFile' | 'tlsVerify'>, Call<PullEvent> {
  /** `check`: only look; nothing is pulled and no unit is restarted. */
  readonly how?: 'check' | 'update'
  /** When a unit does not come up again: give it its old image back (default). */
  readonly onFailure?: 'roll-back' | 'leave'
}

/** `pending`: there is a newer image, and nothing was done about it. */
export type UpdateStatus = 'true' | 'false' | 'pending' | 'failed' | 'rolled back'

/** What became of one container. */
export interface ContainerUpdate {
  readonly unit: string
  readonly containerId: string
  readonly containerName: string
  /** As its creator named it. */
  readonly image: string
  readonly policy: AutoUpdatePolicy
  readonly updated: UpdateStatus
}

export interface AutoUpdateReport {
  readonly containers: readonly ContainerUpdate[]
  /** What kept containers from being looked at or updated; the others were. */
  readonly errors: readonly Error[]
}
