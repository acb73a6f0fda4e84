import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainEnvironment } from '@libpod/test-kit'
import { repository } from '../source-files.ts'
import type { Side } from './measure.ts'

// Raised limits, Podman's default, need a capability that not every machine gives.
const containersConf = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'

/** What Podman writes for its default network, on a bridge and a subnet of this side's own. */
const network = (bridge: string, subnet: string): object => ({
  cniVersion: '0.4.0',
  name: 'podman',
  plugins: [
    {
      ...{ type: 'bridge', bridge, isGateway: true, ipMasq: true, hairpinMode: true },
      ipam: {
        type: 'host-local',
        routes: [{ dst: '0.0.0.0/0' }],
        ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall' },
    { type: 'tuning' },
  ],
})

export const bridges = { ours: 'lpbench0', podman: 'lpbench1' } as const
const subnets = { ours: '10.234.1', podman: '10.234.2' } as const
const programs = {
  ours: [
    join(repository, 'node_modules/.bin/node'),
    '--disable-warning=ExperimentalWarning', // these three as its first line has them
    '--min-semi-space-size=8',
    '--v8-pool-size=1',
    '--', // or Node takes options of a container's command for its own
    join(repository, 'packages/podman/dist/podman.js'),
  ],
  podman: ['podman'],
} as const

/** crun is both sides' own choice; it refuses a hybrid host that keeps a controller on the v2 hierarchy. */
const onV2 = '/sys/fs/cgroup/unified/cgroup.controllers'
export const runtime = existsSync(onV2) && readFileSync(onV2, 'latin1').trim() !== '' ? 'runc' : 'crun'

/** A side with its own store, networks and state below the directory; both use the same runtime, cgroupfs, overlay, and CNI's plugins. */
export function makeSide(name: Side['name'], directory: string): Side {
  const at = (part: string): string => join(directory, name, part)
  mkdirSync(at('networks'), { recursive: true })
  writeFileSync(at('containers.conf'), containersConf)
  writeFileSync(at('networks/87-podman.conflist'), JSON.stringify(network(bridges[name], subnets[name])))
  const store = ['--root', at('root'), '--runroot', at('runroot'), '--tmpdir', at('tmp'), '--storage-driver', 'overlay']
  const engine = [
    '--runtime',
    runtime,
    '--cgroup-manager',
    'cgroupfs',
    '--events-backend',
    'file',
    '--network-config-dir',
    at('networks'),
  ]
  const globals = [...store, ...engine]
  const env = { ...plainEnvironment, CONTAINERS_CONF: at('containers.conf') }
  const maker: Side = { name: 'podman', argv: [...programs.podman, ...globals], env }
  return { name, argv: [...programs[name], ...globals], env, maker }
}
