import {
  isCdiName,
  listHostDevices,
  type Mount,
  type PlannedDevice,
  parseGroups,
  parseUser,
  readDevices,
  readSpecHost,
} from '@libpod/runtime-tools'
import { blockDevice } from '../host/block-device.ts'
import type { AccountTexts } from '../plan/accounts.ts'
import { annotations } from '../plan/annotations.ts'
import type { StartFacts } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { DeviceRequest } from '../spec/security.ts'
import type { ContainerRecord } from '../state/container.ts'
import { accountsSeen } from './accounts.ts'
import { cdiAdditions } from './cdi.ts'
import { openRoot } from './in-root.ts'
import { hooksFor, joinHooks } from './oci-hooks.ts'
import { seccompFor } from './seccomp.ts'

export interface Prepared {
  readonly rootPath: string
  readonly netnsPath: string | undefined
  readonly mounts: readonly Mount[]
  readonly pids: ReadonlyMap<string, number>
  readonly secretEnv: readonly string[]
  readonly user: StartFacts['user']
}

/** Looks up what a start depends on: the user inside the root, devices, profile, hooks, the host. */
export async function gatherFacts(
  rooms: Pick<Rooms, 'options' | 'config' | 'images'>,
  record: ContainerRecord,
  prepared: Prepared,
): Promise<StartFacts> {
  const { security = {} } = record.config.spec
  const [host, devices, seccomp, hooks, cdi] = await Promise.all([
    readSpecHost(),
    devicesOf(rooms, record),
    seccompFor(rooms, record),
    hooksFor(rooms, record, annotations(record)),
    cdiAdditions(security, rooms.options),
  ])
  const { user } = prepared
  return {
    ...prepared,
    mounts: [...cdi.mounts, ...prepared.mounts],
    user: { ...user, additionalGids: [...new Set([...user.additionalGids, ...cdi.additionalGids])] },
    devices: [...(security.privileged === 'yes' ? await hostDevices(record) : []), ...devices, ...cdi.devices],
    extraEnv: [...cdi.env, ...prepared.secretEnv],
    seccomp,
    hooks: joinHooks(hooks.runtime, cdi.hooks),
    engineHooks: hooks.engine,
    ...(cdi.intelRdt ? { intelRdt: cdi.intelRdt } : {}),
    host,
    deviceNumbers: blockDevice,
  }
}

/** The user of the process, by the container's own passwd and group files. @throws LibpodError SPEC_INVALID */
export function resolveUser(record: ContainerRecord, rootPath: string): StartFacts['user'] {
  using root = openRoot(rootPath)
  return userOf(record, accountsSeen(root, []))
}

/** The same with the files' texts at hand. */
export function userOf({ config }: ContainerRecord, texts: AccountTexts): StartFacts['user'] {
  const user = parseUser(config.user, texts)
  const names = config.spec.process?.supplementaryGroups ?? []
  const extra = parseGroups(
    names.filter(name => name !== 'keep-groups'),
    texts.group,
  )
  return { ...user, additionalGids: [...new Set([...user.additionalGids, ...extra])] }
}

/** `host[:container][:rwm]` of containers.conf. */
function deviceText(text: string): DeviceRequest {
  const [hostPath = '', second, third] = text.split(':')
  const access = third ?? (second?.startsWith('/') ? undefined : second)
  const containerPath = second?.startsWith('/') ? second : undefined
  return { hostPath, ...(containerPath ? { containerPath } : {}), ...(access ? { access } : {}) }
}

/** systemd would log in on the virtual terminals that it finds. */
async function hostDevices({ config }: ContainerRecord): Promise<readonly PlannedDevice[]> {
  const all = await listHostDevices()
  return config.spec.systemd === 'always' ? all.filter(({ path }) => !/^\/dev\/tty\d+$/.test(path)) : all
}

async function devicesOf(rooms: Pick<Rooms, 'config'>, { config }: ContainerRecord): Promise<readonly PlannedDevice[]> {
  const asked = config.spec.security?.devices ?? []
  const requests = [
    ...rooms.config.containers.devices.map(deviceText),
    ...asked.filter(one => !isCdiName(one.hostPath)),
  ]
  const found = await Promise.all(
    requests.map(async ({ hostPath, containerPath, access }) => {
      const devices = await readDevices(hostPath, containerPath)
      return access ? devices.map(device => ({ ...device, access })) : devices
    }),
  )
  return found.flat()
}
