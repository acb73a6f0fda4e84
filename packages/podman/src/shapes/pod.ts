import { json, listOf, maybe, struct } from './shape.ts'

const podInfraConfig = struct('define.InspectPodInfraConfig', {
  PortBindings: 'map',
  HostNetwork: 'switch',
  StaticIP: 'text',
  StaticMAC: 'text',
  NoManageResolvConf: 'switch',
  DNSServer: 'list',
  DNSSearch: 'list',
  DNSOption: 'list',
  NoManageHostname: 'switch',
  NoManageHosts: 'switch',
  HostAdd: 'list',
  HostsFile: 'text',
  Networks: 'list',
  NetworkOptions: 'map',
  CPUPeriod: 'number',
  CPUQuota: 'number',
  CPUSetCPUs: 'text',
  PidNS: 'text',
  UserNS: 'text',
  UtsNS: 'text',
})

const podContainerInfo = struct('define.InspectPodContainerInfo', {
  ID: 'text',
  Name: 'text',
  State: 'text',
})

const mount = struct('define.InspectMount', {
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

const device = struct('define.InspectDevice', {
  PathOnHost: 'text',
  PathInContainer: 'text',
  CgroupPermissions: 'text',
})

const blkioThrottleDevice = struct('define.InspectBlkioThrottleDevice', {
  Path: 'text',
  Rate: 'number',
})

const blkioWeightDevice = struct('define.InspectBlkioWeightDevice', {
  Path: 'text',
  Weight: 'number',
})

export const podShape = struct('define.InspectPodData', {
  ID: 'text',
  Name: 'text',
  Namespace: 'text',
  Created: 'time',
  CreateCommand: 'list',
  ExitPolicy: 'text',
  State: 'text',
  Hostname: 'text',
  Labels: 'map',
  CreateCgroup: 'switch',
  CgroupParent: 'text',
  CgroupPath: 'text',
  CreateInfra: 'switch',
  InfraContainerID: 'text',
  InfraConfig: maybe(podInfraConfig),
  SharedNamespaces: 'list',
  NumContainers: 'number',
  Containers: listOf(podContainerInfo),
  CPUPeriod: 'number',
  CPUQuota: 'number',
  CPUShares: 'number',
  CPUSetCPUs: 'text',
  CPUSetMems: 'text',
  Mounts: listOf(mount),
  Devices: listOf(device),
  BlkioDeviceReadBps: json('device_read_bps', listOf(blkioThrottleDevice)),
  BlkioDeviceWriteBps: json('device_write_bps', listOf(blkioThrottleDevice)),
  VolumesFrom: 'list',
  SecurityOpts: json('security_opt', 'list'),
  MemoryLimit: 'number',
  MemorySwap: 'number',
  BlkioWeight: 'number',
  BlkioWeightDevice: listOf(blkioWeightDevice),
  RestartPolicy: 'text',
  LockNumber: 'number',
})
