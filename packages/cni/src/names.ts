import { CniError } from './errors.ts'

const identifier = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** @throws CniError CONFIG_INVALID */
export function checkNetworkName(name: string): string {
  if (identifier.test(name)) return name
  throw new CniError('CONFIG_INVALID', `"${name}" is no network name`, { subject: name })
}

/** @throws CniError ARGUMENT_INVALID */
export function checkContainerId(id: string): string {
  if (identifier.test(id)) return id
  throw new CniError('ARGUMENT_INVALID', `"${id}" is no container id`, { subject: id })
}

/** A name that Linux takes for an interface: 1 to 15 bytes, no `/`, `:` or space, not `.` or `..`. @throws CniError ARGUMENT_INVALID */
export function checkInterfaceName(name: string): string {
  const length = Buffer.byteLength(name)
  if (length > 0 && length <= 15 && name !== '.' && name !== '..' && !/[/:\s\0]/.test(name)) return name
  throw new CniError('ARGUMENT_INVALID', `"${name}" is no interface name`, { subject: name })
}

/** A plugin is named by its file alone: a path would let a configuration run any program. @throws CniError CONFIG_INVALID */
export function checkPluginType(type: string): string {
  if (identifier.test(type)) return type
  throw new CniError('CONFIG_INVALID', `"${type}" is no plugin name`, { subject: type })
}

/** A pair of CNI_ARGS must survive being written as `K=V;K=V`. @throws CniError ARGUMENT_INVALID */
export function checkArgument([key, value]: readonly [string, string]): void {
  if (key !== '' && !/[=;\0]/.test(key) && !/[;\0]/.test(value)) return
  throw new CniError('ARGUMENT_INVALID', `the argument "${key}=${value}" cannot be handed to a plugin`, {
    subject: key,
  })
}
