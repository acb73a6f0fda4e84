import type { Device } from '../spec/linux.ts'
import type { Mount } from '../spec/mount.ts'
import type { DeviceRule } from '../spec/resources.ts'
import type { PlannedDevice, SpecPlan } from './plan.ts'

export interface DeviceEdits {
  readonly devices: readonly Device[]
  readonly rules: readonly DeviceRule[]
  /** Where nodes cannot be made, the host's are bound. */
  readonly mounts: readonly Mount[]
}

/** What a runtime puts into every container itself (runtime-spec, default devices): one that is bound there already would be in its way. */
const everybodys = new Set(
  ['console', 'full', 'null', 'ptmx', 'random', 'tty', 'urandom', 'zero'].map(name => `/dev/${name}`),
)

/** Device nodes, and what the cgroup allows: nothing but what was asked, or everything when privileged. */
export function planDevices(
  plan: Pick<SpecPlan, 'devices' | 'deviceRules' | 'privileged' | 'namespaces' | 'host'>,
): DeviceEdits {
  const bound = plan.host.rootless === 'yes'
  const wanted = (plan.devices ?? []).filter(({ path }) => !bound || !everybodys.has(path))
  return {
    devices: bound ? [] : wanted.map(node),
    rules: deviceRules(plan, bound ? [] : wanted),
    mounts: bound ? wanted.map(bind) : [],
  }
}

function deviceRules(
  plan: Pick<SpecPlan, 'deviceRules' | 'privileged' | 'namespaces' | 'host'>,
  devices: readonly PlannedDevice[],
): readonly DeviceRule[] {
  if (plan.privileged === 'yes') return [{ allow: true, access: 'rwm' }]
  // In a user namespace the policy is the kernel's: runtimes take rules for the nodes that they make, no others.
  const inUserNamespace = plan.host.rootless === 'yes' || plan.namespaces.some(entry => entry.type === 'user')
  if (inUserNamespace) return devices.flatMap(rule)
  return [{ allow: false, access: 'rwm' }, ...devices.flatMap(rule), ...(plan.deviceRules ?? [])]
}

function rule(device: PlannedDevice): readonly DeviceRule[] {
  if (device.type === 'p') return []
  const numbers = { ...only('major', device.major), ...only('minor', device.minor) }
  return [{ allow: true, type: device.type === 'b' ? 'b' : 'c', ...numbers, access: device.access ?? 'rwm' }]
}

function node(device: PlannedDevice): Device {
  const { access: _access, hostPath: _hostPath, ...rest } = device
  return rest
}

function bind(device: PlannedDevice): Mount {
  const access = (device.access ?? 'rwm').includes('w') ? 'rw' : 'ro'
  return {
    destination: device.path,
    type: 'bind',
    source: device.hostPath ?? device.path,
    options: ['slave', 'nosuid', 'noexec', access, 'rbind'],
  }
}

const only = <Key extends string>(key: Key, value: number | undefined) => {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: number })
}
