import type { PluginOptions } from '../plugin/execute.ts'

/** Plugins, and the directory that remembers attachments. */
export interface NetworkOptions extends PluginOptions {
  /** Absent: `/var/lib/cni`. */
  readonly cacheDir?: string
}
