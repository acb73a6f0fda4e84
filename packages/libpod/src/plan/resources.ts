import type { LinuxResources, Throttle } from '@libpod/runtime-tools'
import type { DeviceRate, ResourceSpec } from '../spec/resources.ts'
import type { ContainerConfig } from '../state/container.ts'

/** The numbers of a device node, by path. */
export type DeviceNumbers = (path: string) => { readonly major: number; readonly minor: number }

/** The configured limit on processes, 0 where the container has no control group of its own to be limited in. */
export const pidsLimitOf = (
  { ownCgroup }: Pick<ContainerConfig, 'ownCgroup'>,
  { pidsLimit }: { readonly pidsLimit: number },
): number => (ownCgroup === 'no' ? 0 : pidsLimit)

/** The caller's limits as the runtime takes them; without a pids limit the configured one. Pure. */
export function planResources(
  spec: ResourceSpec,
  defaults: { readonly pidsLimit: number },
  numbers: DeviceNumbers,
): Omit<LinuxResources, 'devices'> {
  const pids = spec.pids?.limit ?? defaults.pidsLimit
  return {
    ...present('memory', memory(spec.memory)),
    ...present('cpu', cpu(spec.cpu)),
    ...(pids !== 0 ? { pids: { limit: pids } } : {}),
    ...present('blockIO', blockIo(spec.blockIo, numbers)),
    ...(spec.hugepages?.length ? { hugepageLimits: spec.hugepages } : {}),
    ...(spec.unified && Object.keys(spec.unified).length > 0 ? { unified: spec.unified } : {}),
  }
}

/** With a limit and nothing said of swap, swap is as much again (podman-run(1), --memory-swap). */
function memory(spec: ResourceSpec['memory']): NonNullable<LinuxResources['memory']> {
  if (!spec) return {}
  const {
    limit,
    reservation,
    swap = limit === undefined || limit <= 0 ? undefined : limit * 2,
    swappiness,
    kernel,
    oomKill,
  } = spec
  return defined({
    limit,
    reservation,
    swap,
    swappiness,
    kernel,
    disableOOMKiller: oomKill === 'off' ? true : undefined,
  })
}

const cpu = (spec: ResourceSpec['cpu']): NonNullable<LinuxResources['cpu']> => defined({ ...spec })

function blockIo(spec: ResourceSpec['blockIo'], numbers: DeviceNumbers): NonNullable<LinuxResources['blockIO']> {
  if (!spec) return {}
  const throttles = (rates: readonly DeviceRate[] | undefined): readonly Throttle[] | undefined =>
    rates?.map(({ path, rate }) => ({ ...numbers(path), rate }))
  return defined({
    weight: spec.weight,
    weightDevice: spec.weightDevices?.map(({ path, weight }) => ({ ...numbers(path), weight })),
    throttleReadBpsDevice: throttles(spec.readBps),
    throttleWriteBpsDevice: throttles(spec.writeBps),
    throttleReadIOPSDevice: throttles(spec.readIops),
    throttleWriteIOPSDevice: throttles(spec.writeIops),
  })
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>

const present = <K extends string, T extends object>(key: K, value: T): { readonly [P in K]?: T } =>
  Object.keys(value).length > 0 ? ({ [key]: value } as { [P in K]: T }) : {}
