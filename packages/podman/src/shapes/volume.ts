import { struct } from './shape.ts'

export const volumeShape = struct('define.InspectVolumeData', {
  Name: 'text',
  Driver: 'text',
  Mountpoint: 'text',
  CreatedAt: 'time',
  Status: 'map',
  Labels: 'map',
  Scope: 'text',
  Options: 'map',
  UID: 'number',
  GID: 'number',
  Anonymous: 'switch',
  MountCount: 'number',
  NeedsCopyUp: 'switch',
  NeedsChown: 'switch',
  Timeout: 'number',
  StorageID: 'text',
  LockNumber: 'number',
})
