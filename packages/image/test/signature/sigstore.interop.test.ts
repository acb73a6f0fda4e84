import test from 'ava'
import type { SigstoreSignature } from '../../src/index.ts'
import { certificate, type KeyPair, newKey } from '../support/certificates.ts'
import {
  annotationOf,
  base64,
  type Change,
  changed,
  ed,
  type Holder,
  leaf,
  log,
  p384,
  publicPem,
  rekor,
  rsa,
  saysCritically,
  signed,
  signedIdentity,
} from '../support/keyless.ts'
import { type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

// Keys, payloads, and the signatures over them.

const noTime: Change = { annotations: { [annotationOf.bundle]: undefined } }
const keyed = (keys: object, signature: SigstoreSignature): SignedCase => ({
  requirement: { type: 'sigstoreSigned', signedIdentity, ...keys },
  signature,
})
const holderOf = (key: KeyPair): Holder => ({ key, pem: publicPem(key) })
const [one, two] = [holderOf(newKey()), holderOf(newKey())]

const cases: Verdicts = {
  right: ['accepted', () => keyed({ keyData: base64(one.pem) }, signed(one))],
  'right, no log wanted nor promised': ['accepted', () => keyed({ keyData: base64(one.pem) }, signed(one, noTime))],
  wrong: ['refused', () => keyed({ keyData: base64(two.pem) }, signed(one))],
  RSA: ['accepted', () => keyed({ keyData: base64(publicPem(rsa)) }, signed(holderOf(rsa)))],
  'RSA, PKCS #1': [
    'accepted',
    () => keyed({ keyData: base64(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })) }, signed(holderOf(rsa))),
  ],
  Ed25519: ['accepted', () => keyed({ keyData: base64(publicPem(ed)) }, signed(holderOf(ed)))],
  'P-384': ['accepted', () => keyed({ keyData: base64(publicPem(p384)) }, signed(holderOf(p384)))],
  'a certificate': ['refused', () => keyed({ keyData: base64(certificate({ key: one.key }).pem) }, signed(one))],
  'the private key': [
    'refused',
    () => keyed({ keyData: base64(one.key.privateKey.export({ type: 'pkcs8', format: 'pem' })) }, signed(one)),
  ],
  'with text around': ['accepted', () => keyed({ keyData: base64(`x\n${one.pem}x`) }, signed(one))],
  'the second in one': ['refused', () => keyed({ keyData: base64(two.pem + one.pem) }, signed(one))],
  'in a list': ['accepted', () => keyed({ keyDatas: [base64(two.pem), base64(one.pem)] }, signed(one))],
  'not in a list': ['refused', () => keyed({ keyDatas: [base64(two.pem), base64(two.pem)] }, signed(one))],
  'beside one that cannot be read': ['refused', () => keyed({ keyDatas: [base64('x'), base64(one.pem)] }, signed(one))],
  logged: ['accepted', () => keyed({ keyData: base64(one.pem), ...rekor }, signed(one))],
  'not logged': ['refused', () => keyed({ keyData: base64(one.pem), ...rekor }, signed(one, noTime))],
  'logged elsewhere': ['refused', () => keyed({ keyData: base64(one.pem), ...rekor }, signed(one, { log: newKey() }))],
  'logged for another': [
    'refused',
    () => keyed({ keyData: base64(one.pem), ...rekor }, signed(one, { holder: () => two.pem })),
  ],
  'the second of a list, logged': [
    'accepted',
    () => keyed({ keyDatas: [base64(two.pem), base64(one.pem)], ...rekor }, signed(one)),
  ],
  'a list, logged for the wrong one': [
    'refused',
    () => keyed({ keyDatas: [base64(two.pem), base64(one.pem)], ...rekor }, signed(one, { holder: () => two.pem })),
  ],
  'lists of keys and of logs': [
    'accepted',
    () =>
      keyed(
        {
          keyDatas: [base64(two.pem), base64(one.pem)],
          rekorPublicKeyDatas: [base64(two.pem), base64(publicPem(log))],
        },
        signed(one),
      ),
  ],
  'with a certificate, too': [
    'accepted',
    () => {
      const holder = leaf()
      return keyed({ keyData: base64(publicPem(holder.key)) }, signed(holder))
    },
  ],
  'logged by a certificate': [
    'refused',
    () => {
      const holder = leaf()
      return keyed({ keyData: base64(publicPem(holder.key)), ...rekor }, signed(holder))
    },
  ],
  'signature with blanks': ['refused', () => changed({ signature: bytes => ` ${base64(bytes)}` })],
  'signature with line ends': ['accepted', () => changed({ signature: bytes => `${base64(bytes)}\n` })],
  'signature without padding': [
    'refused',
    () =>
      changed({
        signature: bytes =>
          `${base64(Buffer.concat([bytes, Buffer.alloc(0)])).replace(/=+$/, '')}${bytes.length % 3 === 0 ? '=' : ''}`,
      }),
  ],
  'signature for the web': ['refused', () => changed({ signature: bytes => `${bytes.toString('base64url')}_` })],
  'signature of other bytes': [
    'refused',
    () => changed({ signature: bytes => base64(Buffer.from(bytes).fill(1, 10, 12)) }),
  ],
  'payload of another digest': [
    'refused',
    () => changed({ payload: saysCritically({ image: { 'docker-manifest-digest': `sha256:${'a'.repeat(64)}` } }) }),
  ],
  'payload of another name': [
    'refused',
    () => changed({ payload: saysCritically({ identity: { 'docker-reference': 'example.com/app:2' } }) }),
  ],
  'payload of the other type': [
    'refused',
    () => changed({ payload: saysCritically({ type: 'atomic container signature' }) }),
  ],
  'payload with more': ['refused', () => changed({ payload: payload => ({ ...payload, more: 1 }) })],
  'payload with more that is critical': ['refused', () => changed({ payload: saysCritically({ more: 1 }) })],
  'payload without optional': ['refused', () => changed({ payload: ({ critical }) => ({ critical }) })],
  'payload with optional text': ['refused', () => changed({ payload: payload => ({ ...payload, optional: 'x' }) })],
  'payload with optional things': [
    'accepted',
    () => changed({ payload: payload => ({ ...payload, optional: { a: 1, creator: 'x', timestamp: 5 } }) }),
  ],
  'payload with a creator that is none': [
    'refused',
    () => changed({ payload: payload => ({ ...payload, optional: { creator: 1 } }) }),
  ],
  'payload with a time that is none': [
    'refused',
    () => changed({ payload: payload => ({ ...payload, optional: { timestamp: '1' } }) }),
  ],
  'payload with half a second': [
    'refused',
    () => changed({ payload: payload => ({ ...payload, optional: { timestamp: 1.5 } }) }),
  ],
  'payload with a time in another form': [
    'accepted',
    () => changed({ text: text => text.replace('null', '{"timestamp":1e3}') }),
  ],
  'payload with a key twice': [
    'refused',
    () => changed({ text: text => text.replace('"optional"', '"optional":null,"optional"') }),
  ],
  'payload with an optional key twice': [
    'refused',
    () => changed({ text: text => text.replace('null', '{"a":1,"a":1}') }),
  ],
  'payload with text behind': ['refused', () => changed({ text: text => `${text}x` })],
  'payload with blanks around': ['accepted', () => changed({ text: text => ` ${text}\n` })],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
