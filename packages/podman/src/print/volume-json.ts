import type { VolumeRecord } from '@libpod/libpod'

/** A volume as `podman volume inspect` shows it. */
export const volumeJson = (volume: VolumeRecord) => ({
  Name: volume.name,
  Driver: volume.driver,
  Mountpoint: volume.mountPoint,
  CreatedAt: volume.createdAt,
  Labels: volume.labels,
  Scope: 'local',
  Options: volume.options,
  ...(volume.uid ? { UID: volume.uid } : {}),
  ...(volume.gid ? { GID: volume.gid } : {}),
  ...(volume.anonymous === 'yes' ? { Anonymous: true } : {}),
  MountCount: volume.mountCount,
  ...(volume.needsCopyUp === 'yes' ? { NeedsCopyUp: true } : {}),
  ...(volume.needsChown === 'yes' ? { NeedsChown: true } : {}),
  ...(volume.storageId === undefined ? {} : { StorageID: volume.storageId }),
  LockNumber: 0,
})
