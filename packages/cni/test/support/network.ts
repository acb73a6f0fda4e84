import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const run = promisify(execFile)
export const pluginDirs = ['/usr/lib/cni']

/** A network namespace, a temp directory and unique names, all gone when disposed. */
export interface TestNetwork extends AsyncDisposable {
  readonly directory: string
  readonly netns: string
  readonly namespace: string
  readonly bridge: string
  readonly name: string
  /** The first three numbers of a /24 of its own. */
  readonly prefix: string
}

export async function testNetwork(): Promise<TestNetwork> {
  const id = randomBytes(3).toString('hex')
  const namespace = `cnitest-${id}`
  const bridge = `cnit${id}`
  const directory = await mkdtemp(join(tmpdir(), 'cni-test-'))
  await run('ip', ['netns', 'add', namespace])
  const [low = 0, high = 0] = randomBytes(2)
  return {
    directory,
    namespace,
    bridge,
    netns: `/run/netns/${namespace}`,
    name: `test-${id}`,
    prefix: `10.${100 + (high % 28)}.${low}`,
    async [Symbol.asyncDispose]() {
      await run('ip', ['netns', 'del', namespace]).catch(() => {})
      await run('ip', ['link', 'del', bridge]).catch(() => {})
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A conflist of a bridge with addresses of the network's own range. */
export function bridgeList(net: TestNetwork, more: object = {}): string {
  const ipam = {
    type: 'host-local',
    dataDir: join(net.directory, 'ipam'),
    ranges: [[{ subnet: `${net.prefix}.0/24`, gateway: `${net.prefix}.1` }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const bridge = { type: 'bridge', bridge: net.bridge, isGateway: true, ipam, capabilities: { ips: true } }
  return JSON.stringify({ cniVersion: '0.4.0', name: net.name, plugins: [bridge], ...more })
}

export const inNamespace = async (net: TestNetwork, ...command: string[]) => {
  const { stdout } = await run('ip', ['netns', 'exec', net.namespace, ...command])
  return stdout
}
