import type { ResolvedOptions } from '../engine.ts'
import type { SubnetPool } from './addresses.ts'

/** The part of containers.conf that networks live by. */
export interface NetworkConfig {
  readonly defaultNetwork?: string | undefined
  /** CIDR of the default network when no file describes it. */
  readonly defaultSubnet?: string | undefined
  readonly defaultSubnetPools?: readonly SubnetPool[] | undefined
  readonly cniPluginDirs?: readonly string[] | undefined
}

/** Where networks are configured and what new ones are made of. */
export interface NetworkSettings {
  readonly configDir: string
  readonly defaultNetwork: string
  readonly defaultSubnet: string
  readonly subnetPools: readonly SubnetPool[]
  readonly pluginDirs: readonly string[]
  /** Held while files of the directory change (storage lock protocol). */
  readonly lockPath: string
}

const usualDir = '/etc/cni/net.d'
const usualPluginDirs = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
]
const usualPools: readonly SubnetPool[] = [
  { base: '10.89.0.0/16', size: 24 },
  { base: '10.90.0.0/15', size: 24 },
  { base: '10.92.0.0/14', size: 24 },
  { base: '10.96.0.0/11', size: 24 },
  { base: '10.128.0.0/9', size: 24 },
]

/** containers.conf(5), `[network]`, with its defaults; the directory is the option's when one is given. */
export function networkSettings(
  options: Pick<ResolvedOptions, 'networkConfigDir' | 'rootless'>,
  config: NetworkConfig = {},
): NetworkSettings {
  const configDir = options.networkConfigDir || usualDir
  return {
    configDir,
    defaultNetwork: config.defaultNetwork || 'podman',
    defaultSubnet: config.defaultSubnet || '10.88.0.0/16',
    subnetPools: config.defaultSubnetPools?.length ? config.defaultSubnetPools : usualPools,
    pluginDirs: config.cniPluginDirs?.length ? config.cniPluginDirs : usualPluginDirs,
    // The dnsname plugin's files lie in one place for the whole host, by the network's name.
    lockPath: options.rootless === 'no' ? '/run/lock/podman-cni.lock' : `${configDir}/cni.lock`,
  }
}
