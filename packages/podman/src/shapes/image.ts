import { listOf, maybe, struct } from './shape.ts'

const imageConfig = struct('v1.ImageConfig', {
  User: 'text',
  ExposedPorts: 'map',
  Env: 'list',
  Entrypoint: 'list',
  Cmd: 'list',
  Volumes: 'map',
  WorkingDir: 'text',
  Labels: 'map',
  StopSignal: 'text',
  ArgsEscaped: 'switch',
})

const driverData = struct('libimage.DriverData', {
  Name: 'text',
  Data: 'map',
})

const rootFS = struct('libimage.RootFS', {
  Type: 'text',
  Layers: 'list',
})

const history = struct('v1.History', {
  Created: 'time',
  CreatedBy: 'text',
  Author: 'text',
  Comment: 'text',
  EmptyLayer: 'switch',
})

const healthConfig = struct('manifest.Schema2HealthConfig', {
  Test: 'list',
  StartPeriod: 'number',
  StartInterval: 'number',
  Interval: 'number',
  Timeout: 'number',
  Retries: 'number',
})

export const imageShape = struct('libimage.ImageData', {
  ID: 'text',
  Digest: 'text',
  RepoTags: 'list',
  RepoDigests: 'list',
  Parent: 'text',
  Comment: 'text',
  Created: 'time',
  Config: maybe(imageConfig),
  Version: 'text',
  Author: 'text',
  Architecture: 'text',
  Os: 'text',
  Size: 'number',
  VirtualSize: 'number',
  GraphDriver: maybe(driverData),
  RootFS: maybe(rootFS),
  Labels: 'map',
  Annotations: 'map',
  ManifestType: 'text',
  User: 'text',
  History: listOf(history),
  NamesHistory: 'list',
  HealthCheck: maybe(healthConfig),
})
