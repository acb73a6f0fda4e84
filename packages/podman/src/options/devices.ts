import type { DeviceRequest } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

/** `host[:container][:rwm]`, or a CDI name such as `vendor.com/class=name`. Throws UsageError. */
export function parseDevice(text: string): DeviceRequest {
  const [hostPath = '', second, third, ...more] = text.split(':')
  if (more.length > 0 || hostPath === '') throw new UsageError(`invalid device specification: ${text}`)
  if (second === undefined) return { hostPath }
  if (third === undefined && isAccess(second)) return { hostPath, access: second }
  if (!second.startsWith('/')) throw new UsageError(`invalid device mode: ${second}`)
  if (third === undefined) return { hostPath, containerPath: second }
  if (!isAccess(third)) throw new UsageError(`invalid device mode: ${third}`)
  return { hostPath, containerPath: second, access: third }
}

const isAccess = (text: string) => /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length

/** Refuses what is no rule of a device cgroup (`c 42:* rwm`), in the engine's own words. */
export function checkDeviceRule(text: string): string {
  const fields = text.split(' ')
  const [type = '', numbers = '', access = ''] = fields
  if (fields.length !== 3)
    throw new UsageError(
      `invalid device cgroup rule requires type, major:Minor, and access rules: ${JSON.stringify(text)}`,
    )
  if (!['a', 'b', 'c'].includes(type)) throw new UsageError(`invalid device type in device-access-add: ${type}`)
  const ids = numbers.split(':')
  if (ids.length > 2) throw new UsageError(`more than one ":" in device-access-add: ${numbers}`)
  for (const id of ids)
    if (id !== '*' && !/^\d+$/.test(id))
      throw new UsageError(`strconv.ParseUint: parsing ${JSON.stringify(id)}: invalid syntax`)
  const wrong = [...access].find(letter => !'rwm'.includes(letter))
  if (access === '' || access.length > 3) throw new UsageError(`invalid device access in device-access-add: ${access}`)
  if (wrong !== undefined) throw new UsageError(`invalid device access in device-access-add: ${wrong}`)
  return text
}
