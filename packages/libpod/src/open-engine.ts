import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { conmonPaths, findConmon } from '@libpod/conmon'
import { openStore, type Store, type StoreOptions } from '@libpod/storage'
import type { Artifacts } from './artifacts/artifacts.ts'
import { createArtifacts } from './artifacts/service.ts'
import type { EngineConfig } from './config/engine-config.ts'
import { loadConfig } from './config/load.ts'
import { resolveOptions, storeOptions } from './config/options.ts'
import { refuseImpossible } from './config/places.ts'
import type { Containers } from './containers/containers.ts'
import { createContainers } from './containers/service.ts'
import type { EngineOptions, Engine as EngineServices, ResolvedOptions } from './engine.ts'
import type { Events } from './events/events.ts'
import { createEvents } from './events/service.ts'
import { type HostFacts, readHostFacts } from './host/facts.ts'
import type { Images } from './images/images.ts'
import { createImages } from './images/service.ts'
import type { Kube } from './kube/kube.ts'
import { createKube } from './kube/service.ts'
import type { Manifests } from './manifests/manifests.ts'
import { createManifests } from './manifests/service.ts'
import type { Networks } from './networks/networks.ts'
import { createNetworks } from './networks/service.ts'
import type { Pods } from './pods/pods.ts'
import { createPods } from './pods/service.ts'
import type { Rooms } from './rooms.ts'
import { type OciRuntime, runcCli } from './runtimes/runc-cli.ts'
import { selectRuntime } from './runtimes/select.ts'
import type { Secrets } from './secrets/secrets.ts'
import { createSecrets } from './secrets/service.ts'
import { heedSignals } from './spec/heed-signals.ts'
import { openState, type State } from './state/state.ts'
import { createSystem } from './system/service.ts'
import type { System } from './system/system.ts'
import { createVolumes } from './volumes/service.ts'
import type { Volumes } from './volumes/volumes.ts'

async function open(options: EngineOptions = {}): Promise<Engine> {
  const host = readHostFacts()
  const config = await loadConfig({ home: homedir(), env: process.env, modules: options.modules ?? [] })
  const store = storeOptions(options)
  const runtime = selectRuntime(options.runtime, config.engine, host)
  const conmon = options.conmon
    ? findConmon([options.conmon])
    : findConmon([...config.engine.conmonPath, ...conmonPaths])
  const runtimeDir = process.env.XDG_RUNTIME_DIR ?? ownRuntimeDir(host.uid)
  const resolved = resolveOptions({ options, config, store, runtime, conmon, host, runtimeDir })
  refuseImpossible(resolved)
  return new House({
    options: resolved,
    config,
    host,
    runtime: runcCli(resolved.runtime, resolved),
    storeOptions: store,
  })
}

/** Who did not log in has no directory of the system's. */
function ownRuntimeDir(uid: number): string {
  const own = `/run/user/${uid}`
  return existsSync(own) ? own : `/tmp/storage-run-${uid}`
}

export type Engine = EngineServices

export const Engine = {
  /**
   * Reads the configuration and nothing else; services, database and store open on first use.
   * @throws LibpodError CONFIG_INVALID, RUNTIME_UNAVAILABLE
   */
  open,
}

interface Ground {
  readonly options: ResolvedOptions
  readonly config: EngineConfig
  readonly host: HostFacts
  readonly runtime: OciRuntime
  readonly storeOptions: StoreOptions
}

/** All rooms of an engine. Each is made when somebody first enters it; making a service opens nothing. */
class House implements Rooms, EngineServices {
  readonly options: ResolvedOptions
  readonly config: EngineConfig
  readonly host: HostFacts
  readonly runtime: OciRuntime
  readonly #storeOptions: StoreOptions
  readonly #made = new Map<string, unknown>()
  readonly #undo = new AsyncDisposableStack()
  #state: State | undefined
  #store: Promise<Store> | undefined

  constructor({ options, config, host, runtime, storeOptions }: Ground) {
    this.options = options
    this.config = config
    this.host = host
    this.runtime = runtime
    this.#storeOptions = storeOptions
  }

  get state(): State {
    this.#state ??= openState(join(this.options.stateDir, 'libpod-ts.db'))
    return this.#state
  }

  store(): Promise<Store> {
    this.#store ??= openStore(this.#storeOptions)
    return this.#store
  }

  get containers(): Containers {
    return this.#once('containers', () => heedSignals(createContainers(this)))
  }

  get images(): Images {
    return this.#once('images', () => heedSignals(createImages(this)))
  }

  get artifacts(): Artifacts {
    return this.#once('artifacts', () => heedSignals(createArtifacts(this)))
  }

  get manifests(): Manifests {
    return this.#once('manifests', () => heedSignals(createManifests(this)))
  }

  get volumes(): Volumes {
    return this.#once('volumes', () => heedSignals(createVolumes(this)))
  }

  get networks(): Networks {
    return this.#once('networks', () => heedSignals(createNetworks(this)))
  }

  get pods(): Pods {
    return this.#once('pods', () => heedSignals(createPods(this)))
  }

  get kube(): Kube {
    return this.#once('kube', () => heedSignals(createKube(this)))
  }

  get system(): System {
    return this.#once('system', () => heedSignals(createSystem(this)))
  }

  get secrets(): Secrets {
    return this.#once('secrets', () => heedSignals(createSecrets(join(this.options.root, 'secrets'), this.events)))
  }

  get events(): Events {
    const { eventsBackend: backend, tmpDir } = this.options
    const path = this.config.engine.eventsLogfilePath ?? join(tmpDir, 'events', 'events.log')
    return this.#once('events', () =>
      createEvents({ backend, uid: this.host.uid, path, maxBytes: this.config.engine.eventsLogfileMaxSize }),
    )
  }

  whenDisposed(undo: () => void): void {
    this.#undo.defer(undo)
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make())
    return this.#made.get(name) as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo.disposeAsync()
    this.#state?.[Symbol.dispose]()
    const store = await this.#store?.catch(() => undefined)
    await store?.close()
  }
}
