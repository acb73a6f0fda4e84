import { type DeviceRule, isCdiName, readDevices } from '@libpod/runtime-tools'
import { cloneName } from '../containers/names.ts'
import { blockDevice } from '../host/block-device.ts'
import { deviceRule } from '../plan/spec.ts'
import { findPod } from '../pods/members.ts'
import { PodTable } from '../pods/table.ts'
import type { Rooms } from '../rooms.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { DeviceRequest } from '../spec/security.ts'
import type { ContainerRecord } from '../state/container.ts'
import { containerGenerator } from './container.ts'
import { podGenerator } from './pod.ts'
import type { ContainerSource, Generated } from './source.ts'

type GenerateRooms = Pick<Rooms, 'options' | 'config' | 'state'>

/** Called as it is, or as another beside it may be. */
export interface GeneratedName {
  readonly name?: 'own' | 'free'
}

/** @throws LibpodError CONTAINER_UNKNOWN */
export async function generateContainer(
  rooms: GenerateRooms,
  name: string,
  how: GeneratedName = {},
): Promise<Generated> {
  const record = rooms.state.containers.find(name)
  return containerGenerator(await sourceOf(rooms, record), nameOf(rooms, record.name, how))
}

/** @throws LibpodError POD_UNKNOWN */
export async function generatePod(rooms: GenerateRooms, name: string, how: GeneratedName = {}): Promise<Generated> {
  const pod = findPod(rooms, name)
  const record = rooms.state.containers.byId(pod.infraId)
  const { resources } = pod.config.spec
  const infra = record && (await sourceOf(rooms, resources ? withLimits(record, resources) : record))
  return podGenerator({ pod, ...(infra && { infra }) }, nameOf(rooms, pod.name, how))
}

/** The limits of a pod are its own control group's, not its infra container's. */
const withLimits = (record: ContainerRecord, resources: ResourceSpec): ContainerRecord => ({
  ...record,
  config: { ...record.config, spec: { ...record.config.spec, resources } },
})

function nameOf({ state }: GenerateRooms, own: string, { name = 'own' }: GeneratedName): string {
  if (name === 'own') return own
  const pods = new PodTable(state.database).all().map(pod => pod.name)
  return cloneName(own, new Set([...state.containers.names(), ...pods]))
}

async function sourceOf({ options, config, state }: GenerateRooms, record: ContainerRecord): Promise<ContainerSource> {
  const { podId, spec } = record.config
  const pod = podId === undefined ? undefined : new PodTable(state.database).byId(podId)
  const { devices = [], deviceCgroupRules = [] } = spec.security ?? {}
  const rules = await Promise.all(devices.map(rulesFor))
  return {
    record,
    defaults: config.containers,
    runtimeName: options.runtimeName,
    ...(pod && { pod: { infraId: pod.infraId, cgroup: pod.config.cgroup } }),
    deviceRules: [...rules.flat(), ...deviceCgroupRules.map(deviceRule)],
    deviceNumbers: blockDevice,
  }
}

/** None for a device that is no longer there. */
async function rulesFor({ hostPath, access = 'rwm' }: DeviceRequest): Promise<readonly DeviceRule[]> {
  const found = isCdiName(hostPath) ? [] : await readDevices(hostPath).catch(() => [])
  return found.flatMap(({ type, major, minor }) =>
    type === 'p' || major === undefined || minor === undefined
      ? []
      : [{ allow: true, type: type === 'b' ? 'b' : 'c', major, minor, access } as const],
  )
}
