import type { Store } from '@libpod/storage'
import type { Artifacts } from './artifacts/artifacts.ts'
import type { EngineConfig } from './config/engine-config.ts'
import type { Containers } from './containers/containers.ts'
import type { ResolvedOptions } from './engine.ts'
import type { Events } from './events/events.ts'
import type { HostFacts } from './host/facts.ts'
import type { Images } from './images/images.ts'
import type { Networks } from './networks/networks.ts'
import type { Pods } from './pods/pods.ts'
import type { OciRuntime } from './runtimes/runc-cli.ts'
import type { Secrets } from './secrets/secrets.ts'
import type { State } from './state/state.ts'
import type { System } from './system/system.ts'
import type { Volumes } from './volumes/volumes.ts'

/**
 * What the services are made of. A function asks for the rooms it enters: `Pick<Rooms, 'state' | 'store'>`. Every room is made on
 * first use, so an engine that only lists containers never opens the store.
 */
export interface Rooms {
  readonly options: ResolvedOptions
  readonly config: EngineConfig
  readonly host: HostFacts
  readonly state: State
  readonly runtime: OciRuntime
  store(): Promise<Store>
  readonly containers: Containers
  readonly images: Images
  readonly artifacts: Artifacts
  readonly volumes: Volumes
  readonly networks: Networks
  readonly secrets: Secrets
  readonly events: Events
  readonly system: System
  readonly pods: Pods
  /** Done when the engine is disposed of, before state and store are closed. */
  whenDisposed(undo: () => void): void
}
