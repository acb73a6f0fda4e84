import type { CniVersion } from '../version.ts'

/** A network: plugins that run one after another (CNI specification, section 1). */
export interface NetworkList {
  readonly cniVersion: CniVersion
  readonly name: string
  readonly disableCheck: boolean
  readonly disableGC: boolean
  /** Plugin files beside the list are not read. */
  readonly loadOnlyInlinedPlugins: boolean
  readonly plugins: readonly PluginConfig[]
  /** The configuration as it was read: what the cache keeps. */
  readonly bytes: Uint8Array
}

/** A plugin's part of a list. Every other key is the plugin's own and is handed on unchanged. */
export interface PluginConfig {
  readonly type: string
  /** Capability args that the plugin takes. */
  readonly capabilities?: Readonly<Record<string, boolean>>
  readonly [key: string]: unknown
}
