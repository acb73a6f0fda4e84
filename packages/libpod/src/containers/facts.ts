import { closeSync, constants, openSync, statSync } from 'node:fs'
import {
  type Hooks,
  listHostDevices,
  type Mount,
  matchHooks,
  numbersOf,
  type PlannedDevice,
  parseGroups,
  parseUser,
  readDevices,
  readHooks,
  readSpecHost,
  type SeccompProfile,
} from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import type { StartFacts } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { readInRoot } from './read-in-root.ts'

export interface Prepared {
  readonly rootPath: string
  readonly netnsPath: string | undefined
  readonly mounts: readonly Mount[]
  readonly pids: ReadonlyMap<string, number>
  readonly secretEnv: readonly string[]
}

/** Looks up what a start depends on: the user inside the root, devices, profile, hooks, the host. */
export async function gatherFacts(
  rooms: Pick<Rooms, 'options' | 'config'>,
  record: ContainerRecord,
  prepared: Prepared,
): Promise<StartFacts> {
  const { security = {} } = record.config.spec
  const [host, devices, seccomp, hooks] = await Promise.all([
    readSpecHost(),
    devicesOf(record),
    seccompOf(rooms, record),
    hooksOf(rooms, record),
  ])
  return {
    ...prepared,
    user: resolveUser(record, prepared.rootPath),
    devices: security.privileged === 'yes' ? [...(await hostDevices(record)), ...devices] : devices,
    seccomp,
    hooks,
    host,
    deviceNumbers: path => numbersOf(statSync(path).rdev),
  }
}

/** The user of the process, by the container's own passwd and group files. @throws LibpodError SPEC_INVALID */
export function resolveUser(record: ContainerRecord, rootPath: string): StartFacts['user'] {
  const root = openSync(rootPath, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const files = { passwd: readInRoot(root, '/etc/passwd') ?? '', group: readInRoot(root, '/etc/group') ?? '' }
    const user = parseUser(record.config.user, files)
    const extra = parseGroups(
      (record.config.spec.process?.supplementaryGroups ?? []).filter(name => name !== 'keep-groups'),
      files.group,
    )
    return { ...user, additionalGids: [...new Set([...user.additionalGids, ...extra])] }
  } finally {
    closeSync(root)
  }
}

/** systemd would log in on the virtual terminals that it finds. */
async function hostDevices({ config }: ContainerRecord): Promise<readonly PlannedDevice[]> {
  const all = await listHostDevices()
  return config.spec.systemd === 'always' ? all.filter(({ path }) => !/^\/dev\/tty\d+$/.test(path)) : all
}

async function devicesOf({ config }: ContainerRecord): Promise<readonly PlannedDevice[]> {
  const requests = config.spec.security?.devices ?? []
  const found = await Promise.all(
    requests.map(async ({ hostPath, containerPath, access }) => {
      const devices = await readDevices(hostPath, containerPath)
      return access ? devices.map(device => ({ ...device, access })) : devices
    }),
  )
  return found.flat()
}

async function seccompOf({ config }: Pick<Rooms, 'config'>, record: ContainerRecord): Promise<StartFacts['seccomp']> {
  const chosen = record.config.spec.security?.seccomp ?? config.containers.seccompProfile
  if (chosen === 'unconfined') return 'unconfined'
  if (!chosen) return undefined
  const { readFile } = await import('node:fs/promises')
  const text = await readFile(chosen, 'utf8').catch(cause => {
    throw new LibpodError('SPEC_INVALID', `opening seccomp profile failed: ${cause.message}`, {
      subject: chosen,
      cause,
    })
  })
  try {
    return { profile: JSON.parse(text) as SeccompProfile }
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', `decoding seccomp profile ${chosen} failed: ${(cause as Error).message}`, {
      subject: chosen,
      cause,
    })
  }
}

async function hooksOf({ options }: Pick<Rooms, 'options'>, record: ContainerRecord): Promise<Hooks | undefined> {
  const directories = record.config.spec.hookDirs ?? options.hooksDirs
  const definitions = await readHooks(directories)
  if (definitions.length === 0) return undefined
  const matched = matchHooks(definitions, {
    annotations: record.config.spec.annotations ?? {},
    command: record.config.argv[0] ?? '',
    hasBindMounts: (record.config.spec.mounts?.mounts ?? []).some(({ kind }) => kind === 'bind') ? 'yes' : 'no',
  })
  return matched.runtime
}
