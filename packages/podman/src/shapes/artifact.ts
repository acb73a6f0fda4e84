import { listOf, maybe, struct } from './shape.ts'

const platform = struct('v1.Platform', {
  Architecture: 'text',
  OS: 'text',
  OSVersion: 'text',
  OSFeatures: 'list',
  Variant: 'text',
})

const descriptor = struct('v1.Descriptor', {
  MediaType: 'text',
  Digest: 'text',
  Size: 'number',
  URLs: 'list',
  Annotations: 'map',
  Data: 'any',
  Platform: maybe(platform),
  ArtifactType: 'text',
})

const manifest = struct('manifest.OCI1', {
  SchemaVersion: 'number',
  MediaType: 'text',
  ArtifactType: 'text',
  Config: descriptor,
  Layers: listOf(descriptor),
  Subject: maybe(descriptor),
  Annotations: 'map',
})

export const artifactShape = struct('entities.ArtifactInspectReport', {
  Manifest: maybe(manifest),
  Name: 'text',
  Digest: 'text',
})
