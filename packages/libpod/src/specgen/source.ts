import type { DeviceRule } from '@libpod/runtime-tools'
import type { EngineConfig } from '../config/engine-config.ts'
import type { DeviceNumbers } from '../plan/resources.ts'
import type { ContainerRecord } from '../state/container.ts'

/** What a description of a container is made from. */
export interface ContainerSource {
  readonly record: ContainerRecord
  readonly defaults: EngineConfig['containers']
  /** Of the pod that it is in: the container whose namespaces it has without asking, and the control group. */
  readonly pod?: { readonly infraId: string; readonly cgroup: string }
  /** The OCI runtime of containers that ask for none. */
  readonly runtimeName: string
  /** For the devices that it was given. */
  readonly deviceRules: readonly DeviceRule[]
  readonly deviceNumbers: DeviceNumbers
}

/** A description: an object that is printed as JSON, in the order of Podman's own. */
export type Generated = Readonly<Record<string, unknown>>

/** Only what is there: no undefined, no empty list or map, none of Go's empty strings. */
export const present = (fields: Generated): Generated =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** By name, as Go prints maps. */
export const sorted = <T>(map: Readonly<Record<string, T>> = {}): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))

export const yes = (answer: 'yes' | 'no' | undefined): true | undefined => (answer === 'yes' ? true : undefined)
