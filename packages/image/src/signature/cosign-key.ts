import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from 'node:crypto'
import { ImageError } from '../errors.ts'
import { parseJson } from '../json/parse.ts'
import { Reader } from '../json/read.ts'
import { openSecretbox, sealSecretbox } from './secretbox.ts'

const label = 'ENCRYPTED SIGSTORE PRIVATE KEY'
const labels = [label, 'ENCRYPTED COSIGN PRIVATE KEY']
const cost = { N: 65536, r: 8, p: 1 } as const
const memory = 256 * 1024 * 1024

/** A private key file as cosign and skopeo write it: encrypted with a passphrase. @throws ImageError SIGNING_FAILED */
export function readCosignKey(pem: string, passphrase: string | Uint8Array): KeyObject {
  const found = labels.find(one => pem.includes(`-----BEGIN ${one}-----`))
  if (found === undefined) throw unusable('it is not an encrypted sigstore private key')
  const body = pem.split(`-----BEGIN ${found}-----`)[1]?.split('-----END')[0] ?? ''
  const text = Buffer.from(body.replace(/\s/g, ''), 'base64')
  try {
    return decrypt(new Reader(parseJson(text, 'private key'), 'private key', 'SIGNING_FAILED'), passphrase)
  } catch (cause) {
    if (cause instanceof ImageError && cause.code === 'SIGNING_FAILED') throw cause
    throw unusable((cause as Error).message, cause)
  }
}

function decrypt(key: Reader, passphrase: string | Uint8Array): KeyObject {
  const kdf = key.get('kdf')
  const cipher = key.get('cipher')
  if (kdf.get('name').string() !== 'scrypt' || cipher.get('name').string() !== 'nacl/secretbox')
    throw unusable('its encryption is unknown')
  const params = kdf.get('params')
  const [N, r, p] = ['N', 'r', 'p'].map(name => params.get(name).integer())
  const derived = scryptSync(passphrase, bytes(kdf.get('salt')), 32, {
    ...(N && { N }),
    ...(r && { r }),
    ...(p && { p }),
    maxmem: memory,
  })
  const plain = openSecretbox(bytes(key.get('ciphertext')), bytes(cipher.get('nonce')), derived)
  if (plain === undefined) throw unusable('the passphrase is wrong')
  return createPrivateKey({ key: Buffer.from(plain), format: 'der', type: 'pkcs8' })
}

const bytes = (reader: Reader): Buffer => Buffer.from(reader.string(), 'base64')

const unusable = (why: string, cause?: unknown): ImageError =>
  new ImageError('SIGNING_FAILED', `the private key cannot be used: ${why}`, cause === undefined ? {} : { cause })

/** Makes a key pair: the private half encrypted as cosign does, the public half for policies; both PEM. */
export function generateCosignKey(passphrase: string | Uint8Array): {
  readonly privateKey: string
  readonly publicKey: string
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const salt = randomBytes(32)
  const nonce = randomBytes(24)
  const derived = scryptSync(passphrase, salt, 32, { ...cost, maxmem: memory })
  const ciphertext = sealSecretbox(privateKey.export({ format: 'der', type: 'pkcs8' }), nonce, derived)
  const document = {
    kdf: { name: 'scrypt', params: cost, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  }
  const body = Buffer.from(JSON.stringify(document)).toString('base64').replace(/.{64}/g, '$&\n')
  return {
    privateKey: `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}
