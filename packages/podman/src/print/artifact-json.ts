import type { Artifact } from '@libpod/libpod'

/** What inspecting an artifact shows. */
export const artifactJson = ({ manifest, name, digest }: Artifact) => ({
  Manifest: manifest,
  Name: name,
  Digest: digest,
})
