// Connects a network namespace to a network and prints its addresses: node attach.ts CONFDIR NETWORK NETNS
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { attach, detach, loadNetworkList } from '@libpod/cni'

const [directory = '/etc/cni/net.d', name = 'podman', netns = ''] = process.argv.slice(2)
const options = {
  pluginDirs: ['/opt/cni/bin', '/usr/lib/cni'],
  cacheDir: join(directory, '.cache'),
  signal: AbortSignal.timeout(30_000),
}
const list = await loadNetworkList(directory, name)
const attachment = { containerId: randomUUID(), netns, ifName: 'eth0' }

try {
  const { ips, interfaces } = await attach(list, attachment, options)
  for (const { address, interface: at = -1 } of ips) console.log(interfaces[at]?.name ?? '-', address)
} finally {
  await detach(list, attachment, options)
}
