import type { KeyID, Signature as OpenpgpSignature, PublicKey } from 'openpgp'
import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type DockerReference, formatDockerReference } from '../reference/docker-reference.ts'
import { checkPayload, refused } from './check-payload.ts'
import type { Claim } from './evaluate.ts'
import { readMaterial } from './material.ts'
import { formatPayload } from './payload.ts'
import type { SignedBy } from './policy.ts'
import { readPublicKeys } from './public-keys.ts'
import type { SimpleSignature } from './signature.ts'
import type { Signer } from './signer.ts'

const payloadType = 'atomic container signature'

/** A check of one simple signature against the keys and the identity a policy wants. */
export async function simpleVerifier(
  requirement: SignedBy,
  claim: Claim,
): Promise<(signature: SimpleSignature) => Promise<void>> {
  if (requirement.keyType !== 'GPGKeys') throw refused(`keyType ${requirement.keyType} is not supported`)
  const materials = await Promise.all(requirement.keys.map(readMaterial))
  return async ({ bytes }) => {
    const payload = await verifyMessage(bytes, materials)
    checkPayload(payload, payloadType, claim, requirement.signedIdentity)
  }
}

/** The signed content of an OpenPGP message by one of the keys. @throws ImageError SIGNATURE_INVALID */
async function verifyMessage(bytes: Uint8Array, materials: readonly Uint8Array[]): Promise<Uint8Array> {
  const { readMessage, verify } = await import('openpgp')
  const verificationKeys = (await Promise.all(materials.map(readPublicKeys))).flat()
  if (verificationKeys.length === 0) throw refused('No public keys imported')
  try {
    const message = await readMessage({ binaryMessage: bytes })
    // Without a date nothing is said of times, which are checked below as gpg does.
    const verified = await verify({ message, verificationKeys, format: 'binary', date: null, config: settings })
    const [signature, ...more] = verified.signatures
    if (signature === undefined || more.length > 0)
      throw refused(`Unexpected GPG signature count ${verified.signatures.length}`)
    await signature.verified
    await requireCurrent(signature, verificationKeys)
    return verified.data as Uint8Array
  } catch (cause) {
    if (cause instanceof ImageError) throw cause
    throw refused(`Invalid GPG signature: ${(cause as Error).message}`, cause)
  }
}

/** A key that was prolonged may hold no proof any more of how long it was good for when it signed. */
const settings = { minRSABits: 1023, allowInsecureVerificationWithReformattedKeys: true }

interface Verified {
  readonly keyID: KeyID
  readonly signature: Promise<OpenpgpSignature>
}

/**
 * A signature counts for no longer than its key does: when that expires or is revoked, what it signed before is worth
 * nothing either, as nobody but the signer says when it was. A clock that is ahead does no harm.
 */
async function requireCurrent({ keyID, signature }: Verified, keys: readonly PublicKey[]): Promise<void> {
  const { config } = await import('openpgp')
  const [packet] = (await signature).packets
  const date = new Date(Math.max(Date.now(), packet?.created?.getTime() ?? 0))
  if (packet === undefined || packet.isExpired(date)) throw refused('Invalid GPG signature: it is expired')
  const key = keys.find(one => one.getKeys(keyID).length > 0)
  await key?.getSigningKey(keyID, date, undefined, { ...config, ...settings })
}

export interface SimpleKey {
  /** An OpenPGP private key, binary or armored. */
  readonly key: Uint8Array
  readonly passphrase?: string
}

/** Signs as `skopeo copy --sign-by` does, with a key at hand. @throws ImageError SIGNING_FAILED */
export function simpleSigner({ key, passphrase }: SimpleKey): Signer {
  return {
    async sign(manifestDigest: Digest, identity: DockerReference) {
      const dockerReference = formatDockerReference(identity)
      const payload = formatPayload(
        { type: payloadType, manifestDigest, dockerReference },
        Math.floor(Date.now() / 1000),
      )
      const { createMessage, sign } = await import('openpgp')
      const message = await createMessage({ binary: payload })
      const signed = await sign({ message, signingKeys: await unlock(key, passphrase), format: 'binary' })
      return { kind: 'simple', bytes: signed }
    },
  }
}

async function unlock(material: Uint8Array, passphrase: string | undefined) {
  const { decryptKey, readPrivateKey } = await import('openpgp')
  const text = Buffer.from(material).toString('latin1')
  try {
    const key = await (text.includes('-----BEGIN PGP')
      ? readPrivateKey({ armoredKey: text })
      : readPrivateKey({ binaryKey: material }))
    return passphrase === undefined || key.isDecrypted() ? key : await decryptKey({ privateKey: key, passphrase })
  } catch (cause) {
    throw new ImageError('SIGNING_FAILED', `the private key cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/** Signs with a key of the user's GnuPG keyring; without a passphrase `gpg` asks in its own way. */
export function gpgSigner(key: string, passphrase?: string): Signer {
  return {
    async sign(manifestDigest, identity) {
      const dockerReference = formatDockerReference(identity)
      const payload = formatPayload(
        { type: payloadType, manifestDigest, dockerReference },
        Math.floor(Date.now() / 1000),
      )
      const { runGpg } = await import('./gpg.ts')
      return { kind: 'simple', bytes: await runGpg(['--local-user', key, '--sign'], payload, passphrase) }
    },
  }
}
