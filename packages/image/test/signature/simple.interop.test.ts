import test from 'ava'
import {
  createMessage,
  enums,
  generateKey,
  type PrivateKey,
  type PublicKey,
  reformatKey,
  revokeKey,
  sign,
} from 'openpgp'
import { base64, signedName } from '../support/keyless.ts'
import { manifestDigest, type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

// OpenPGP messages and the keys that made them.

const days = (count: number): Date => new Date(Date.now() + count * 24 * 60 * 60 * 1000)

interface Pair {
  readonly privateKey: PrivateKey
  readonly publicKey: PublicKey
}

async function makeKey(more: object = {}): Promise<Pair> {
  const userIDs = [{ name: 'signer', email: 'signer@example.com' }]
  return generateKey({ type: 'rsa', rsaBits: 2048, userIDs, date: days(-3), format: 'object', ...more })
}

async function revoked(flag: enums.reasonForRevocation): Promise<Pair> {
  const { privateKey } = await makeKey()
  const reasonForRevocation = { flag, string: '' }
  const { publicKey } = await revokeKey({ key: privateKey, reasonForRevocation, date: days(-1), format: 'object' })
  return { privateKey, publicKey }
}

/** A key that signs at any time, with a public half that says how many days it is good for, and since when. */
async function lasting(count: number, date = days(-3)): Promise<Pair> {
  const { privateKey } = await makeKey()
  const userIDs = [{ name: 'signer', email: 'signer@example.com' }]
  const keyExpirationTime = count * 24 * 60 * 60
  const { publicKey } = await reformatKey({ privateKey, userIDs, keyExpirationTime, date, format: 'object' })
  return { privateKey, publicKey }
}

const pair = makeKey()
const other = makeKey()

const payloadOf = (change: (payload: Record<string, unknown>) => object = payload => payload): Buffer => {
  const critical = {
    identity: { 'docker-reference': signedName },
    image: { 'docker-manifest-digest': manifestDigest },
    type: 'atomic container signature',
  }
  return Buffer.from(JSON.stringify(change({ critical, optional: {} })))
}

interface Signing {
  readonly keys?: Promise<Pair>
  readonly date?: Date
  readonly payload?: Buffer
  readonly config?: object
}

async function signed(how: Signing = {}): Promise<Uint8Array> {
  const { keys = pair, date = new Date(), payload = payloadOf(), config = {} } = how
  const message = await createMessage({ binary: payload, date })
  return sign({ message, signingKeys: (await keys).privateKey, date, format: 'binary', config })
}

const signedIdentity = { type: 'exactReference', dockerReference: signedName }
const trusting = (keyring: Uint8Array): object => ({
  type: 'signedBy',
  keyType: 'GPGKeys',
  keyData: base64(keyring),
  signedIdentity,
})

async function by(bytes: Uint8Array | Promise<Uint8Array>, keys: Promise<Pair> = pair): Promise<SignedCase> {
  const requirement = trusting((await keys).publicKey.write())
  return { requirement, signature: { kind: 'simple', bytes: await bytes } }
}

const weak = { minRSABits: 1023 }
const odd = async (keys: Promise<Pair>, date: Date): Promise<SignedCase> =>
  by(signed({ keys, date, config: weak }), keys)
const saying = (change: (payload: Record<string, unknown>) => object): Promise<SignedCase> =>
  by(signed({ payload: payloadOf(change) }))
const unsigned = async (text: string): Promise<Uint8Array> =>
  (await createMessage({ binary: Buffer.from(text) })).write()

const cases: Verdicts = {
  right: ['accepted', () => by(signed())],
  'another key': ['refused', () => by(signed({ keys: other }))],
  'a keyring of two': [
    'accepted',
    async () => {
      const keyring = Buffer.concat([(await other).publicKey.write(), (await pair).publicKey.write()])
      return { ...(await by(signed())), requirement: trusting(keyring) }
    },
  ],
  'an armored keyring': [
    'accepted',
    async () => ({ ...(await by(signed())), requirement: trusting(Buffer.from((await pair).publicKey.armor())) }),
  ],
  'a keyring that is none': [
    'refused',
    async () => ({ ...(await by(signed())), requirement: trusting(Buffer.alloc(3)) }),
  ],
  'a key that has expired since': ['refused', () => odd(lasting(1), days(-2.5))],
  'a key that had expired': ['refused', () => odd(lasting(1), days(-1))],
  'a key that will expire': ['accepted', () => odd(lasting(9), days(-1))],
  'a key that was prolonged since': ['accepted', () => odd(lasting(9, days(-1)), days(-2))],
  'a key that has been retired since': ['refused', () => odd(revoked(enums.reasonForRevocation.keyRetired), days(-2))],
  'a key that had been retired': ['refused', () => odd(revoked(enums.reasonForRevocation.keyRetired), days(-0.5))],
  'a key that has been stolen since': [
    'refused',
    () => odd(revoked(enums.reasonForRevocation.keyCompromised), days(-2)),
  ],
  'an elliptic key': ['accepted', () => odd(makeKey({ type: 'ecc', curve: 'ed25519Legacy' }), days(0))],
  'an RSA key of 1024 bits': ['accepted', () => odd(makeKey({ rsaBits: 1024, config: weak }), days(0))],
  'from tomorrow': ['accepted', () => by(signed({ date: days(1) }))],
  'signed twice': [
    'refused',
    async () => {
      const message = await createMessage({ binary: payloadOf() })
      const signingKeys = [(await pair).privateKey, (await other).privateKey]
      return by(sign({ message, signingKeys, format: 'binary' }))
    },
  ],
  'not signed': ['refused', () => by(unsigned(String(payloadOf())))],
  compressed: ['accepted', () => by(signed({ config: { preferredCompressionAlgorithm: enums.compression.zlib } }))],
  'with bytes behind': ['refused', async () => by(Buffer.concat([await signed(), Buffer.of(0)]))],
  'with a message behind': ['refused', async () => by(Buffer.concat([await signed(), await signed()]))],
  'with a literal before': ['refused', async () => by(Buffer.concat([await unsigned('{}'), await signed()]))],
  'with a literal behind': ['refused', async () => by(Buffer.concat([await signed(), await unsigned('{}')]))],
  'cut short': ['refused', async () => by((await signed()).subarray(0, -5))],
  'of another type': [
    'refused',
    () => saying(p => ({ ...p, critical: { ...(p.critical as object), type: 'cosign container image signature' } })),
  ],
  'with more': ['refused', () => saying(payload => ({ ...payload, more: 1 }))],
  'with optional null': ['refused', () => saying(payload => ({ ...payload, optional: null }))],
  'without optional': ['refused', () => saying(({ critical }) => ({ critical }))],
  'with optional things': [
    'accepted',
    () => saying(payload => ({ ...payload, optional: { a: [], creator: '', timestamp: 1 } })),
  ],
  'with a creator that is none': ['refused', () => saying(payload => ({ ...payload, optional: { creator: 1 } }))],
  'with half a second': ['refused', () => saying(payload => ({ ...payload, optional: { timestamp: 1.5 } }))],
  'with a creator of null': ['accepted', () => saying(payload => ({ ...payload, optional: { creator: null } }))],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
