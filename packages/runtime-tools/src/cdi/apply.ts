import { readDevice } from '../devices/host.ts'
import { RuntimeToolsError } from '../errors.ts'
import { defined } from '../generate/defined.ts'
import type { PlannedDevice } from '../generate/plan.ts'
import type { Hook, HookStage, Hooks } from '../spec/hooks.ts'
import type { IntelRdt } from '../spec/linux.ts'
import type { Mount } from '../spec/mount.ts'
import type { CdiDevice, CdiEdits, CdiNode, CdiSpec } from './cdi.ts'

/** What CDI devices add to a plan. */
export interface CdiAdditions {
  readonly env: readonly string[]
  readonly devices: readonly PlannedDevice[]
  readonly mounts: readonly Mount[]
  readonly hooks: Hooks
  readonly additionalGids: readonly number[]
  readonly intelRdt?: IntelRdt
}

/**
 * What the named devices (`vendor.com/class=name`, `…=all` when a device is called so) add to a container. Of two files
 * that describe a device the last wins.
 * @throws RuntimeToolsError CDI_DEVICE_UNKNOWN, DEVICE_INVALID
 */
export async function resolveCdiDevices(names: readonly string[], specs: readonly CdiSpec[]): Promise<CdiAdditions> {
  const found = [...new Set(names)].map(name => findDevice(name, specs))
  const whole = [...new Set(found.map(({ spec }) => spec))].flatMap(spec => spec.containerEdits ?? [])
  return additionsOf([...whole, ...found.map(({ device }) => device.containerEdits)])
}

function findDevice(name: string, specs: readonly CdiSpec[]): { readonly spec: CdiSpec; readonly device: CdiDevice } {
  const [kind, device] = [name.slice(0, name.indexOf('=')), name.slice(name.indexOf('=') + 1)]
  for (const spec of specs.toReversed()) {
    const match = spec.kind === kind ? spec.devices.find(entry => entry.name === device) : undefined
    if (match) return { spec, device: match }
  }
  throw new RuntimeToolsError('CDI_DEVICE_UNKNOWN', `unresolvable CDI device ${name}`, { subject: name })
}

async function additionsOf(edits: readonly CdiEdits[]): Promise<CdiAdditions> {
  const devices = await Promise.all(edits.flatMap(edit => edit.deviceNodes ?? []).map(deviceOf))
  return defined({
    env: edits.flatMap(edit => edit.env ?? []),
    devices,
    mounts: edits.flatMap(edit => edit.mounts ?? []).map(mountOf),
    hooks: hooksOf(edits),
    additionalGids: [...new Set(edits.flatMap(edit => edit.additionalGids ?? []))].filter(gid => gid !== 0),
    intelRdt: edits.findLast(edit => edit.intelRdt)?.intelRdt,
  })
}

async function deviceOf(node: CdiNode): Promise<PlannedDevice> {
  const hostPath = node.hostPath ?? node.path
  const complete = node.type && (node.type === 'p' || node.major !== undefined)
  const own: Partial<PlannedDevice> = complete ? {} : await readDevice(hostPath)
  const { permissions, type, hostPath: _hostPath, ...said } = node
  return { ...own, ...defined(said), hostPath, type: type || own.type || 'c', access: permissions || 'rwm' }
}

function mountOf(mount: NonNullable<CdiEdits['mounts']>[number]): Mount {
  const { hostPath, containerPath, type = 'bind', options = [] } = mount
  return { destination: containerPath, source: hostPath, type, options }
}

function hooksOf(edits: readonly CdiEdits[]): Hooks {
  const hooks: { [Stage in HookStage]?: readonly Hook[] } = {}
  for (const { hookName, ...hook } of edits.flatMap(edit => edit.hooks ?? [])) {
    hooks[hookName] = [...(hooks[hookName] ?? []), hook]
  }
  return hooks
}
