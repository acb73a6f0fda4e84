import { json, listOf, maybe, struct } from './shape.ts'

const conmonInfo = struct('define.ConmonInfo', {
  Package: 'text',
  Path: 'text',
  Version: 'text',
})

const cpuusage = struct('define.CPUUsage', {
  UserPercent: 'number',
  SystemPercent: 'number',
  IdlePercent: 'number',
})

const distributionInfo = struct('define.DistributionInfo', {
  Distribution: 'text',
  Variant: 'text',
  Version: 'text',
  Codename: 'text',
})

const idmap = struct('idtools.IDMap', {
  ContainerID: 'number',
  HostID: 'number',
  Size: 'number',
})

const idmappings = struct('define.IDMappings', {
  GIDMap: listOf(idmap),
  UIDMap: listOf(idmap),
})

const dnsnetworkinfo = struct('types.DNSNetworkInfo', {
  Version: 'text',
  Package: 'text',
  Path: 'text',
})

const networkInfo = struct('types.NetworkInfo', {
  Backend: 'text',
  Version: 'text',
  Package: 'text',
  Path: 'text',
  DNS: dnsnetworkinfo,
  DefaultNetwork: 'text',
})

const ociruntimeinfo = struct('define.OCIRuntimeInfo', {
  Name: 'text',
  Package: 'text',
  Path: 'text',
  Version: 'text',
  Weaknesses: 'list',
})

const remoteSocket = struct('define.RemoteSocket', {
  Path: 'text',
  Exists: 'switch',
})

const securityInfo = struct('define.SecurityInfo', {
  AppArmorEnabled: 'switch',
  DefaultCapabilities: json('capabilities', 'text'),
  Rootless: 'switch',
  SECCOMPEnabled: 'switch',
  SECCOMPProfilePath: 'text',
  SELinuxEnabled: 'switch',
})

const slirpInfo = struct('define.SlirpInfo', {
  Executable: 'text',
  Package: 'text',
  Version: 'text',
})

const pastaInfo = struct('define.PastaInfo', {
  Executable: 'text',
  Package: 'text',
  Version: 'text',
})

const hostInfo = struct('define.HostInfo', {
  Arch: 'text',
  BuildahVersion: 'text',
  CgroupManager: 'text',
  CgroupsVersion: json('cgroupVersion', 'text'),
  CgroupControllers: 'list',
  Conmon: maybe(conmonInfo),
  CPUs: 'number',
  CPUUtilization: maybe(cpuusage),
  DatabaseBackend: 'text',
  Distribution: distributionInfo,
  EventLogger: 'text',
  FreeLocks: 'any',
  Hostname: 'text',
  IDMappings: idmappings,
  Kernel: 'text',
  LogDriver: 'text',
  MemFree: 'number',
  MemTotal: 'number',
  NetworkBackend: 'text',
  NetworkBackendInfo: networkInfo,
  OCIRuntime: maybe(ociruntimeinfo),
  OS: 'text',
  RemoteSocket: maybe(remoteSocket),
  RootlessNetworkCmd: 'text',
  RuntimeInfo: 'map',
  ServiceIsRemote: 'switch',
  Security: securityInfo,
  Slirp4NetNS: slirpInfo,
  Pasta: pastaInfo,
  SwapFree: 'number',
  SwapTotal: 'number',
  Uptime: 'text',
  Variant: 'text',
  Linkmode: 'text',
  EmulatedArchitectures: 'list',
})

const containerStore = struct('define.ContainerStore', {
  Number: 'number',
  Paused: 'number',
  Running: 'number',
  Stopped: 'number',
})

const imageStore = struct('define.ImageStore', {
  Number: 'number',
})

const storeInfo = struct('define.StoreInfo', {
  ConfigFile: 'text',
  ContainerStore: containerStore,
  GraphDriverName: 'text',
  GraphOptions: 'map',
  GraphRoot: 'text',
  GraphRootAllocated: 'number',
  GraphRootUsed: 'number',
  GraphStatus: 'map',
  ImageCopyTmpDir: 'text',
  ImageStore: imageStore,
  RunRoot: 'text',
  VolumePath: 'text',
  TransientStore: 'switch',
})

const plugins = struct('define.Plugins', {
  Volume: 'list',
  Network: 'list',
  Log: 'list',
  Authorization: 'list',
})

const version = struct('define.Version', {
  APIVersion: 'text',
  Version: 'text',
  GoVersion: 'text',
  GitCommit: 'text',
  BuiltTime: 'text',
  Built: 'number',
  BuildOrigin: 'text',
  OsArch: 'text',
  Os: 'text',
})

export const infoShape = struct('define.Info', {
  Host: maybe(hostInfo),
  Store: maybe(storeInfo),
  Registries: 'map',
  Plugins: plugins,
  Version: version,
})

export const versionShape = struct('types.SystemVersionReport', {
  Client: maybe(version),
  Server: maybe(version),
})
