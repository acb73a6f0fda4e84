import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { netnsDirectory } from '../netns.ts'

/** Where things of a plain user's bridges are: outside of their namespaces. */
export interface RootlessPlaces {
  /** Goes with the last container. */
  readonly directory: string
  readonly lock: string
  /** Where the network namespace is pinned. */
  readonly netns: string
  /** Tells the process that keeps the mount namespace. */
  readonly keeper: string
  /** What plugins see as /run, and as /var. */
  readonly run: string
  readonly var: string
  /** What they remember: /var/lib/cni. */
  readonly cni: string
  /** What the servers that they start ask. */
  readonly resolvConf: string
  /** Files of published ports, by container. */
  readonly forwards: string
  readonly apiSocket: string
  readonly log: string
}

/**
 * Podman's own `rootless-netns`, beside it, has another back end's bridges, and goes by Podman's count of them. One directory of
 * runtime files has one namespace.
 */
export function rootlessPlaces(runRoot: string): RootlessPlaces {
  const directory = join(runRoot, 'networks/rootless-cni')
  const at = (name: string): string => join(directory, name)
  const mark = createHash('sha256').update(directory).digest('hex').slice(0, 12)
  return {
    directory,
    lock: `${directory}.lock`,
    netns: join(netnsDirectory('yes'), `rootless-cni-${mark}`),
    keeper: at('keeper'),
    run: at('run'),
    var: at('var'),
    cni: at('var/lib/cni'),
    resolvConf: at('resolv.conf'),
    forwards: at('ports'),
    apiSocket: at('slirp'),
    log: at('slirp.log'),
  }
}
