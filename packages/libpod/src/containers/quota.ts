import { statfs } from 'node:fs/promises'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'

/** statfs(2), f_type. */
const xfs = 0x58465342

/** A container's own limits of size need project quotas, which no driver here sets. @throws LibpodError UNSUPPORTED */
export async function refuseQuota(rooms: Pick<Rooms, 'store'>, { mounts = {}, rootfs }: ContainerSpec): Promise<void> {
  if (rootfs || Object.keys(mounts.storageOptions ?? {}).length === 0) return
  const { driverName, graphRoot } = await rooms.store()
  const refuse = (message: string) => new LibpodError('UNSUPPORTED', message, { subject: driverName })
  if (driverName !== 'overlay') throw refuse(`--storage-opt is not supported for ${driverName}`)
  if ((await statfs(graphRoot)).type === xfs) throw refuse('--storage-opt: project quotas of xfs are not supported')
  throw refuse("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")
}
