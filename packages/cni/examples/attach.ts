// Leases an address from a network and gives it back. With a plugin such as bridge, a network namespace and root, the same
// calls connect a container.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attach, detach, loadNetworkList } from '@libpod/cni'

const directory = await mkdtemp(join(tmpdir(), 'cni-example-'))
const ipam = { type: 'host-local', dataDir: directory, ranges: [[{ subnet: '10.99.0.0/24' }]] }
const conflist = { cniVersion: '1.0.0', name: 'demo', plugins: [{ type: 'host-local', ipam }] }
await writeFile(join(directory, 'demo.conflist'), JSON.stringify(conflist))

const options = {
  pluginDirs: ['/opt/cni/bin', '/usr/lib/cni'],
  cacheDir: directory,
  signal: AbortSignal.timeout(30_000),
}
const list = await loadNetworkList(directory, 'demo')
const attachment = { containerId: 'box', netns: '/run/netns/box', ifName: 'eth0' }

const result = await attach(list, attachment, options)
console.log(result.ips.map(ip => ip.address).join(' '))
await detach(list, attachment, options)
await rm(directory, { recursive: true })
