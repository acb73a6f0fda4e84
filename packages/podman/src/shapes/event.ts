import { struct } from './shape.ts'

export const eventShape = struct('system.Event', {
  ContainerExitCode: 'any',
  ID: 'text',
  Image: 'text',
  Name: 'text',
  Network: 'text',
  Status: 'text',
  Time: 'number',
  TimeNano: 'number',
  Type: 'text',
  HealthStatus: 'text',
  Error: 'text',
  PodID: 'text',
  ContainerInspectData: 'text',
  Attributes: 'map',
})
