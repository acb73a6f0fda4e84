import { struct } from './shape.ts'

// What containers and pods are given of the host.

export const mount = struct('define.InspectMount', {
  Type: 'text',
  Name: 'text',
  Source: 'text',
  Destination: 'text',
  Driver: 'text',
  Mode: 'text',
  Options: 'list',
  RW: 'switch',
  Propagation: 'text',
  SubPath: 'text',
})

export const device = struct('define.InspectDevice', {
  PathOnHost: 'text',
  PathInContainer: 'text',
  CgroupPermissions: 'text',
})

export const blkioThrottleDevice = struct('define.InspectBlkioThrottleDevice', {
  Path: 'text',
  Rate: 'number',
})

export const blkioWeightDevice = struct('define.InspectBlkioWeightDevice', {
  Path: 'text',
  Weight: 'number',
})
