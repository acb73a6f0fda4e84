import { join, relative } from 'node:path'
import type { RootlessPlaces } from './places.ts'

/** What lies over what in the mount namespace of the plugins. */
export interface Bind {
  readonly source: string
  readonly target: string
}

export interface BindFacts {
  /** Without links: where pins of containers' namespaces are. */
  readonly runtimeDirectory: string
  /** The directory nearest to /var/lib/cni that there is. */
  readonly nearestToCni: '/var/lib/cni' | '/var/lib' | '/var'
  /** What /etc/resolv.conf is in the end; absent when there is none. */
  readonly resolvConf?: string
}

/**
 * Plugins and the servers that they start write below /run and /var/lib, where a plain user may not: they see directories of the
 * user's there, and in what they see of /run the user's own runtime directory. In the order of mounting; what does not lie over
 * anything is a file to be written. Pure.
 */
export function planBinds(
  places: RootlessPlaces,
  facts: BindFacts,
): { readonly binds: readonly Bind[]; readonly resolvConf: string } {
  const { runtimeDirectory, nearestToCni, resolvConf } = facts
  const inRun = (path: string): string => join(places.run, relative('/run', path))
  const seen = isBelowRun(runtimeDirectory) ? [{ source: runtimeDirectory, target: inRun(runtimeDirectory) }] : []
  const linked = resolvConf !== undefined && isBelowRun(resolvConf)
  const asked = resolvConf === undefined || linked ? [] : [{ source: places.resolvConf, target: resolvConf }]
  return {
    binds: [
      ...seen,
      { source: places.run, target: '/run' },
      { source: join(places.var, relative('/var', nearestToCni)), target: nearestToCni },
      ...asked,
    ],
    resolvConf: linked ? inRun(resolvConf) : places.resolvConf,
  }
}

export const isBelowRun = (path: string): boolean => path.startsWith('/run/')
