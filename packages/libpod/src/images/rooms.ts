import type { Store } from '@libpod/storage'
import type { EngineConfig } from '../config/engine-config.ts'
import type { Containers } from '../containers/containers.ts'
import type { ResolvedOptions } from '../engine.ts'
import type { Events } from '../events/events.ts'
import type { HostFacts } from '../host/facts.ts'
import type { OciRuntime } from '../runtimes/runc-cli.ts'
import type { Volumes } from '../volumes/volumes.ts'

/** What the verbs of images work with. */
export interface ImageRooms {
  readonly options: ResolvedOptions
  readonly config: Pick<EngineConfig, 'containers'>
  store(): Promise<Store>
  readonly events: Events
  readonly containers: Containers
  readonly volumes: Volumes
  /** Of the steps of builds. */
  readonly runtime: OciRuntime
  readonly host: HostFacts
}
