import { join } from 'node:path'
import { parseGroup, parsePasswd } from '@libpod/runtime-tools'
import { Lockfile } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { readText } from '../host/read-text.ts'
import type { FoundImage } from '../images/images.ts'
import {
  allocate,
  aroundOwn,
  type IdRange,
  inOrder,
  parseIdMap,
  piecesWithin,
  subordinateRanges,
} from '../plan/id-ranges.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { IdMap, UserNamespaceMode } from '../spec/security.ts'
import type { IdMappings } from '../state/container.ts'
import { accountsSeen } from './accounts.ts'
import { openRoot } from './in-root.ts'

type UsernsRooms = Pick<Rooms, 'options' | 'state' | 'store' | 'host'>

export interface UserNamespace {
  readonly idMappings?: IdMappings
  /** Whom `keep-id` runs when nobody is named. */
  readonly user?: string
}

/**
 * The ids of a new container on the host: those asked for, or the ones that its kind of user namespace stands for
 * (podman-run(1), --userns). Nothing when it has no user namespace of its own. @throws LibpodError SPEC_INVALID
 */
export async function planUserNamespace(
  rooms: UsernsRooms,
  { security = {} }: ContainerSpec,
  image: FoundImage | undefined,
): Promise<UserNamespace> {
  if (security.idMappings) return { idMappings: explicit(security.idMappings) }
  const mode = security.namespaces?.user
  switch (mode?.kind) {
    case 'keep-id':
      return keepId(rooms, mode)
    case 'nomap':
      return { idMappings: withoutOwn(rooms) }
    case 'auto':
      return { idMappings: await automatic(rooms, mode, image) }
    case 'container':
      return joined(rooms, mode.container)
    case 'private':
      throw new LibpodError(
        'SPEC_INVALID',
        'must provide at least one UID or GID mapping to configure a user namespace',
      )
    default:
      return {}
  }
}

/** Two containers that are created at once must not be given the same ids: `work` chooses and records. */
export function choosingIds<T>(rooms: UsernsRooms, { security }: ContainerSpec, work: () => Promise<T>): Promise<T> {
  if (security?.namespaces?.user?.kind !== 'auto') return work()
  return new Lockfile(join(rooms.options.runRoot, 'userns.lock')).hold('write', work)
}

/** A container with a user namespace that no ids are said for cannot be: the runtime would refuse it. */
function explicit(asked: NonNullable<NonNullable<ContainerSpec['security']>['idMappings']>): IdMappings {
  const uidName = asked.subuidName ?? asked.subgidName
  const gidName = asked.subgidName ?? asked.subuidName
  const uids = asked.uids.length > 0 || uidName === undefined ? asked.uids : inOrder(rangesOf('/etc/subuid', uidName))
  const gids = asked.gids.length > 0 || gidName === undefined ? asked.gids : inOrder(rangesOf('/etc/subgid', gidName))
  return {
    uids: piecesWithin(uids, identity('/proc/self/uid_map')),
    gids: piecesWithin(gids, identity('/proc/self/gid_map')),
  }
}

function rangesOf(file: string, name: string) {
  const ranges = subordinateRanges(readText(file), [name])
  if (ranges.length > 0) return ranges
  const reason = `no ${file.slice('/etc/'.length)} ranges found for user "${name}" in ${file}`
  throw new LibpodError('SPEC_INVALID', `cannot find UID/GID for user ${name}: ${reason}`, { subject: name })
}

/** For root there is nobody to keep: it gets all the ids that the engine has, in a namespace of their own. */
function keepId({ options, host }: UsernsRooms, mode: Extract<UserNamespaceMode, { kind: 'keep-id' }>): UserNamespace {
  if (options.rootless === 'no') {
    const own = { uids: identity('/proc/self/uid_map'), gids: identity('/proc/self/gid_map') }
    return { idMappings: own, user: `${mode.uid ?? 0}:${mode.gid ?? 0}` }
  }
  const [uid, gid] = [mode.uid ?? host.uid, mode.gid ?? host.gid]
  const size = (file: string) => mode.size ?? total(identity(file))
  const maps = { uids: aroundOwn(uid, size('/proc/self/uid_map')), gids: aroundOwn(gid, size('/proc/self/gid_map')) }
  return { idMappings: maps, user: `${uid}:${gid}` }
}

function withoutOwn({ options }: UsernsRooms): IdMappings {
  if (options.rootless === 'no') throw new LibpodError('SPEC_INVALID', 'nomap is only supported in rootless mode')
  const shifted = (file: string) => [{ containerId: 0, hostId: 1, size: total(identity(file)) - 1 }]
  return { uids: shifted('/proc/self/uid_map'), gids: shifted('/proc/self/gid_map') }
}

const total = (maps: readonly IdMap[]) => maps.reduce((sum, { size }) => sum + size, 0)

/** Every id of a map of ours (user_namespaces(7)) as itself. */
const identity = (file: string): readonly IdMap[] =>
  parseIdMap(readText(file)).map(({ containerId, size }) => ({ containerId, hostId: containerId, size }))

const smallestAuto = 1024
const nobody = 65_534

async function automatic(
  rooms: UsernsRooms,
  mode: Extract<UserNamespaceMode, { kind: 'auto' }>,
  image: FoundImage | undefined,
): Promise<IdMappings> {
  const size = mode.size ?? Math.max(smallestAuto, image ? await highestIdOf(rooms, image) : 0)
  const others = rooms.state.containers.all().flatMap(({ config }) => (config.idMappings ? [config.idMappings] : []))
  const pick = (file: '/etc/subuid' | '/etc/subgid', side: 'uids' | 'gids', fixed: readonly IdMap[] = []) => {
    const available = availableIds(rooms, file)
    const maps = allocate({ size, fixed, available, used: others.flatMap(maps => maps[side]) })
    if (maps) return maps
    throw new LibpodError('SPEC_INVALID', `not enough unused IDs in user namespace: ${size} of ${file}`)
  }
  return { uids: pick('/etc/subuid', 'uids', mode.uidMappings), gids: pick('/etc/subgid', 'gids', mode.gidMappings) }
}

/** Root's containers share the ids of an account of that name; a plain user's those that the user is lent, as they are seen inside. */
function availableIds({ options }: UsernsRooms, file: '/etc/subuid' | '/etc/subgid'): readonly IdRange[] {
  if (options.rootless === 'no') return rangesOf(file, 'containers')
  const map = file === '/etc/subuid' ? '/proc/self/uid_map' : '/proc/self/gid_map'
  return [{ first: 1, size: total(identity(map)) - 1 }]
}

/** One more than the highest id that an image's account files name, `nobody` aside. */
async function highestIdOf(rooms: UsernsRooms, { topLayer }: FoundImage): Promise<number> {
  if (topLayer === undefined) return 0
  const { layers } = await rooms.store()
  const path = await layers.mount(topLayer, { access: 'read-only' })
  try {
    using root = openRoot(path)
    const { passwd, group } = accountsSeen(root, [])
    const users = parsePasswd(passwd).flatMap(({ uid, gid }) => [uid, gid])
    const ids = [...users, ...parseGroup(group).map(({ gid }) => gid)].filter(one => one !== nobody)
    return Math.max(0, ...ids) + 1
  } finally {
    await layers.unmount(topLayer, 'once')
  }
}

function joined({ state }: UsernsRooms, name: string): UserNamespace {
  const { idMappings, user, spec } = state.containers.find(name).config
  if (!idMappings) return {}
  // Who is kept there is whom this one runs too.
  return { idMappings, ...(spec.security?.namespaces?.user?.kind === 'keep-id' ? { user } : {}) }
}
