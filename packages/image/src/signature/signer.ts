import type { Digest } from '../digest.ts'
import type { DockerReference } from '../reference/docker-reference.ts'
import type { Signature } from './signature.ts'

/** Makes one signature of a manifest under a name. */
export interface Signer {
  sign(manifest: Digest, identity: DockerReference): Promise<Signature>
}
