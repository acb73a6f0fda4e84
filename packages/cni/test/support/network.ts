import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PluginRunner } from '../../src/index.ts'

export const run = promisify(execFile)
export const pluginDirs = ['/usr/lib/cni']

/** A network namespace for the container and one that plays the host, a temp directory and unique names, all gone when disposed. */
export interface TestNetwork extends AsyncDisposable {
  readonly directory: string
  readonly netns: string
  readonly namespace: string
  readonly bridge: string
  /** Runs plugins in the host's namespace, so that the machine's own interfaces and rules stay as they are. */
  readonly runner: PluginRunner
  /** What a command prints there. */
  onHost(...command: readonly string[]): Promise<string>
  readonly name: string
  /** The first three numbers of a /24 of its own. */
  readonly prefix: string
}

export async function testNetwork(): Promise<TestNetwork> {
  const id = randomBytes(3).toString('hex')
  const namespace = `cnitest-${id}`
  const bridge = `cnit${id}`
  const directory = await mkdtemp(join(tmpdir(), 'cni-test-'))
  const host = `cnihost-${id}`
  for (const name of [namespace, host]) await run('ip', ['netns', 'add', name])
  await run('ip', ['-n', host, 'link', 'set', 'lo', 'up'])
  const [low = 0, high = 0] = randomBytes(2)
  return {
    directory,
    namespace,
    bridge,
    netns: `/run/netns/${namespace}`,
    name: `test-${id}`,
    prefix: `10.${100 + (high % 28)}.${low}`,
    runner: runnerIn(host),
    onHost: (...command) => inNamespace({ namespace: host }, ...command),
    async [Symbol.asyncDispose]() {
      for (const name of [namespace, host]) await run('ip', ['netns', 'del', name]).catch(() => {})
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

export const inNamespace = async (net: Pick<TestNetwork, 'namespace'>, ...command: readonly string[]) => {
  const { stdout } = await run('ip', ['netns', 'exec', net.namespace, ...command])
  return stdout
}

function runnerIn(namespace: string): PluginRunner {
  return {
    async run(path, { env, stdin }) {
      const child = execFile('/usr/sbin/ip', ['netns', 'exec', namespace, path], {
        env: { ...env },
        encoding: 'buffer',
      })
      const chunks: Buffer[] = []
      child.stdout?.on('data', chunk => chunks.push(Buffer.from(chunk)))
      child.stdin?.end(stdin)
      const [code] = await once(child, 'close')
      return { exit: Number(code), stdout: Buffer.concat(chunks), stderr: '' }
    },
  }
}
