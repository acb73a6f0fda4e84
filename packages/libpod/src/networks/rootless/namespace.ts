import { existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { removeTree } from '@libpod/storage'
import { identify, isAlive, killProcess } from '../../host/process.ts'
import { hostProgram } from '../../rootless/host-program.ts'
import { startWaiting } from '../../rootless/waiting-process.ts'
import type { ProcessIdentity } from '../../state/container.ts'
import { resolvConfSource, resolvConfText } from '../files.ts'
import { createContainerNetns, isPinned, removeContainerNetns } from '../netns.ts'
import { type Bind, type BindFacts, isBelowRun, planBinds } from './binds.ts'
import type { RootlessPlaces } from './places.ts'
import { endPlugins } from './strays.ts'

export interface Surroundings {
  /** Of the store: its mounts are none of the plugins' business, and would last as long as what they start. */
  readonly root: string
  readonly runtimeDirectory: string
  readonly bootId: string
  /** The server that asks those of the host. */
  readonly dns: string
}

/**
 * Sees to it that there is the network namespace of a plain user's bridges, and the mount namespace of those who work on it. The
 * first is pinned. The second is kept by a process: not every kernel lets a mount namespace be pinned, and this one can be made
 * anew at any time. @throws LibpodError ROOTLESS_UNAVAILABLE
 */
export async function keepNamespaces(places: RootlessPlaces, surroundings: Surroundings): Promise<void> {
  if (!isPinned(places.netns)) {
    removeNamespaces(places, surroundings)
    for (const directory of [places.cni, places.run, places.forwards])
      mkdirSync(directory, { recursive: true, mode: 0o755 })
    createContainerNetns(places.netns)
  }
  if (!isAlive(readKeeper(places), surroundings.bootId)) await startKeeper(places, surroundings)
}

/** The words before a program that is to work in both. */
export const entering = (places: RootlessPlaces): readonly string[] => [
  ...enteringNetwork(places),
  `--mount=/proc/${readKeeper(places)?.pid}/ns/mnt`,
]

export const enteringNetwork = ({ netns }: RootlessPlaces): readonly string[] => [
  hostProgram('nsenter'),
  `--net=${netns}`,
]

/** Nothing of them remains but what somebody else still runs there; safe twice and at any point of the making. */
export function removeNamespaces(places: RootlessPlaces, { bootId }: Pick<Surroundings, 'bootId'>): void {
  endPlugins(places)
  killProcess(readKeeper(places), bootId)
  removeContainerNetns(places.netns)
  removeTree(places.directory)
}

/** Takes the store's mounts away, lays directories over others, and becomes what its last words say. */
const script = `set -e
root=$1; shift
while read -r _ _ _ _ at _; do
  case $at in "$root"/*) umount -l "$at" 2>/dev/null || : ;; esac
done <<EOF
$(cat /proc/self/mountinfo)
EOF
while [ "$1" != -- ]; do mount --rbind "$1" "$2"; shift 2; done
shift; exec "$@"`

async function startKeeper(
  places: RootlessPlaces,
  { root, runtimeDirectory, bootId, dns }: Surroundings,
): Promise<void> {
  const { binds, resolvConf } = planBinds(places, readFacts(runtimeDirectory))
  for (const directory of [...within(places.run, binds), dirname(resolvConf)])
    mkdirSync(directory, { recursive: true, mode: 0o755 })
  writeFileSync(resolvConf, resolvers(dns), { mode: 0o644 })
  const pairs = binds.flatMap(({ source, target }) => [source, target])
  const apart = ['--mount', '--propagation', 'slave', '--', hostProgram('sh'), '-c', script, 'sh']
  await using keeper = startWaiting('unshare', [...apart, root, ...pairs, '--'])
  writeFileSync(places.keeper, JSON.stringify(identify(keeper.pid, bootId)), { mode: 0o600 })
  keeper.release()
}

const within = (directory: string, binds: readonly Bind[]): readonly string[] =>
  binds.map(({ target }) => target).filter(target => target.startsWith(`${directory}/`))

function readKeeper({ keeper }: Pick<RootlessPlaces, 'keeper'>): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(keeper, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

function readFacts(runtimeDirectory: string): BindFacts {
  const end = linkEnd('/etc/resolv.conf')
  const resolvConf = end !== undefined && (existsSync(end) || isBelowRun(end)) ? end : undefined
  return {
    runtimeDirectory: realpathSync(runtimeDirectory),
    nearestToCni: (['/var/lib/cni', '/var/lib'] as const).find(existsSync) ?? '/var',
    ...(resolvConf === undefined ? {} : { resolvConf }),
  }
}

/** Where a link leads, though there may be nothing. */
function linkEnd(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return linkTarget(path)
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return undefined
  }
}

function resolvers(dns: string): string {
  const own = read('/etc/resolv.conf')
  return resolvConfText({ host: read(resolvConfSource(own)) || own, forwarders: [dns], loopback: 'drop' })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
