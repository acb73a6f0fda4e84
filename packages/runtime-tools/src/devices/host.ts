import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeToolsError } from '../errors.ts'
import type { PlannedDevice } from '../generate/plan.ts'

/**
 * A device node of the host as a plan takes it; a link is followed, its own path kept.
 * @throws RuntimeToolsError DEVICE_INVALID when the path is no block or character device
 */
export async function readDevice(hostPath: string, path: string = hostPath): Promise<PlannedDevice> {
  const info = await stat(hostPath).catch(cause => {
    throw new RuntimeToolsError('DEVICE_INVALID', `cannot use device ${hostPath}`, { subject: hostPath, cause })
  })
  const type = info.isBlockDevice() ? 'b' : info.isCharacterDevice() ? 'c' : undefined
  if (!type) throw new RuntimeToolsError('DEVICE_INVALID', `${hostPath} is not a device node`, { subject: hostPath })
  return { path, hostPath, type, ...numbersOf(info.rdev), fileMode: info.mode & 0o7777, uid: info.uid, gid: info.gid }
}

/** The major and minor numbers in a `st_rdev` (makedev(3)). */
export function numbersOf(rdev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(rdev)
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n)
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)
  return { major: Number(major), minor: Number(minor) }
}

// Mounts of their own in every container, or the terminal of the host.
const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console'])

/** Every device node below a directory, absent: /dev: what a privileged container gets. Links are left out. */
export async function listHostDevices(directory = '/dev'): Promise<readonly PlannedDevice[]> {
  const names = (await readdir(directory)).filter(name => !skipped.has(name)).sort()
  const found = await Promise.all(names.map(name => devicesAt(join(directory, name))))
  return found.flat()
}

/** The nodes of a directory, or the node itself: what one `--device` gives. */
export async function readDevices(hostPath: string, path: string = hostPath): Promise<readonly PlannedDevice[]> {
  const info = await stat(hostPath).catch(() => undefined)
  if (!info?.isDirectory()) return [await readDevice(hostPath, path)]
  const root = await realpath(hostPath)
  const devices = await listHostDevices(root)
  return devices.map(device => ({ ...device, path: join(path, device.path.slice(root.length)) }))
}

// A node may vanish between being listed and being looked at.
async function devicesAt(path: string): Promise<readonly PlannedDevice[]> {
  const info = await lstat(path).catch(() => undefined)
  if (info?.isDirectory()) return listHostDevices(path).catch(() => [])
  if (!info?.isBlockDevice() && !info?.isCharacterDevice()) return []
  return readDevice(path).then(
    device => [device],
    () => [],
  )
}
