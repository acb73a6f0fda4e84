import { struct } from './shape.ts'

const secretDriverSpec = struct('types.SecretDriverSpec', {
  Name: 'text',
  Options: 'map',
})

const secretSpec = struct('types.SecretSpec', {
  Name: 'text',
  Driver: secretDriverSpec,
  Labels: 'map',
})

export const secretShape = struct('types.SecretInfoReport', {
  ID: 'text',
  CreatedAt: 'time',
  UpdatedAt: 'time',
  Spec: secretSpec,
  SecretData: 'text',
})
