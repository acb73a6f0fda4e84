import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type DockerReference, formatDockerReference } from '../reference/docker-reference.ts'
import { decodeBase64 } from './base64.ts'
import { certificateKey } from './certificates.ts'
import { checkPayload, refused } from './check-payload.ts'
import type { Claim } from './evaluate.ts'
import { readMaterial } from './material.ts'
import { formatPayload } from './payload.ts'
import { firstPemBlock } from './pem.ts'
import type { Material, SigstoreSigned } from './policy.ts'
import { bundleAnnotation, verifyBundle } from './rekor.ts'
import type { SigstoreSignature } from './signature.ts'
import type { Signer } from './signer.ts'

export const sigstoreMimeType = 'application/vnd.dev.cosign.simplesigning.v1+json'
export const signatureAnnotation = 'dev.cosignproject.cosign/signature'
export const certificateAnnotation = 'dev.sigstore.cosign/certificate'
export const chainAnnotation = 'dev.sigstore.cosign/chain'
const payloadType = 'cosign container image signature'

/** A check of one sigstore signature against what a policy wants; everything is verified offline. */
export async function sigstoreVerifier(
  requirement: SigstoreSigned,
  claim: Claim,
): Promise<(signature: SigstoreSignature) => Promise<void>> {
  const keys = await readKeys(requirement.keys)
  const rekorKeys = await readKeys(requirement.rekorKeys)
  if (rekorKeys.some(key => key.asymmetricKeyType !== 'ec')) throw unusableKey('the key of Rekor is not one for ECDSA')
  return async signature => {
    if (signature.mimeType !== sigstoreMimeType)
      throw refused(`unexpected signature type ${JSON.stringify(signature.mimeType)}`)
    const bytes = annotation(signature, signatureAnnotation)
    const raw = decodeBase64(bytes) ?? refusing(`${signatureAnnotation} is not base64`)
    const key = await keyFor(requirement, signature, { keys, rekorKeys })
    if (!key.some(candidate => isSignedBy(signature.payload, candidate, raw)))
      throw refused('cryptographic signature verification failed')
    checkPayload(signature.payload, payloadType, claim, requirement.signedIdentity)
  }
}

interface Keys {
  readonly keys: readonly KeyObject[]
  readonly rekorKeys: readonly KeyObject[]
}

/** The keys that may have made a signature: the policy's, or that of a certificate it trusts. */
async function keyFor(
  requirement: SigstoreSigned,
  signature: SigstoreSignature,
  { keys, rekorKeys }: Keys,
): Promise<readonly KeyObject[]> {
  if (requirement.fulcio === undefined && requirement.pki === undefined) {
    if (rekorKeys.length > 0) {
      return loggedKeys(signature, rekorKeys, keys)
    }
    return keys
  }
  const certificate = annotation(signature, certificateAnnotation)
  const time = requirement.fulcio === undefined ? undefined : verifyBundle(signature, rekorKeys, certificate)
  return [await certificateKey(requirement, { certificate, chain: signature.annotations[chainAnnotation], time })]
}

/** Those of the keys that the log speaks of: one, or all for different reasons are not. */
function loggedKeys(
  signature: SigstoreSignature,
  rekorKeys: readonly KeyObject[],
  keys: readonly KeyObject[],
): readonly KeyObject[] {
  const reasons: string[] = []
  for (const key of keys) {
    try {
      verifyBundle(signature, rekorKeys, key.export({ type: 'spki', format: 'pem' }).toString())
      return [key]
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw refused([...new Set(reasons)].join(', '))
}

const annotation = ({ annotations }: SigstoreSignature, name: string): string =>
  annotations[name] ?? refusing(`missing ${name} annotation`)

function refusing(why: string): never {
  throw refused(why)
}

async function readKeys(materials: readonly Material[]): Promise<readonly KeyObject[]> {
  return (await Promise.all(materials.map(readMaterial))).map(readPublicKey)
}

const keyTypes: Readonly<Record<string, 'spki' | 'pkcs1'>> = { 'PUBLIC KEY': 'spki', 'RSA PUBLIC KEY': 'pkcs1' }

/** Only a public key is one: a certificate or a private key that would lead to it may be there by mistake. */
function readPublicKey(bytes: Uint8Array): KeyObject {
  const block = firstPemBlock(Buffer.from(bytes).toString('latin1'))
  const type = block === undefined ? undefined : keyTypes[block.label]
  if (block === undefined || type === undefined) throw unusableKey('a public key of the policy is none')
  try {
    return createPublicKey({ key: block.der, format: 'der', type })
  } catch (cause) {
    throw unusableKey('a public key of the policy cannot be read', cause)
  }
}

const unusableKey = (why: string, cause?: unknown): ImageError =>
  new ImageError('POLICY_INVALID', why, cause === undefined ? {} : { cause })

/** Whether the key signed the bytes, by the one algorithm its kind stands for. */
export function isSignedBy(bytes: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', bytes, key, signature)
  } catch {
    return false
  }
}

/**
 * Signs as `podman push --sign-by-sigstore-private-key` does. `key`: a private key from {@link readCosignKey} or of your own;
 * `rekor`: the server whose log shall hold the signature.
 */
export function sigstoreSigner(key: KeyObject, options: { readonly rekor?: URL } = {}): Signer {
  return {
    async sign(manifestDigest: Digest, identity: DockerReference) {
      const dockerReference = formatDockerReference(identity)
      const payload = formatPayload(
        { type: payloadType, manifestDigest, dockerReference },
        Math.floor(Date.now() / 1000),
      )
      const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key)
      const logged = options.rekor === undefined ? {} : await log(options.rekor, { payload, signature, key })
      const annotations = { [signatureAnnotation]: signature.toString('base64'), ...logged }
      return { kind: 'sigstore', mimeType: sigstoreMimeType, payload, annotations }
    },
  }
}

interface Made {
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly key: KeyObject
}

async function log(server: URL, { key, ...made }: Made): Promise<Readonly<Record<string, string>>> {
  const { logSignature } = await import('./rekor-upload.ts')
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
  return { [bundleAnnotation]: await logSignature(server, { ...made, publicKey }) }
}
