import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  copyImage,
  generateCosignKey,
  insecureAcceptAnything,
  parseDockerReference,
  parseImageName,
  parsePolicy,
  readCosignKey,
  type SigstoreSignature,
  sigstoreSigner,
} from '../../src/index.ts'
import { deserializeSignature } from '../../src/signature/serialize.ts'
import { randomImage } from '../../src/testing/index.ts'
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
  signedName,
} from '../support/keyless.ts'
import { manifestDigest, type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

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

// Made by Skopeo 1.22.0: `generate-sigstore-key`, passphrase `a passphrase`, and `copy --sign-by-sigstore-private-key`.
const made = (name: string): Buffer => readFileSync(new URL(`../fixtures/skopeo-1.22/${name}`, import.meta.url))

test('a signature that Skopeo made is accepted, and only with its key', async t => {
  const signature = deserializeSignature(made('signature'))
  t.is(signature.kind, 'sigstore')
  if (signature.kind !== 'sigstore') return
  await verdictOf('accepted', () => keyed({ keyData: base64(made('key.pub')) }, signature))(t)
  await verdictOf('refused', () => keyed({ keyData: base64(one.pem) }, signature))(t)
})

test('a key that Skopeo made signs', async t => {
  const key = readCosignKey(String(made('key.private')), 'a passphrase')
  const signature = await sigstoreSigner(key).sign(manifestDigest, parseDockerReference(signedName))
  if (signature.kind !== 'sigstore') return t.fail()
  await verdictOf('accepted', () => keyed({ keyData: base64(made('key.pub')) }, signature))(t)
})

test('skopeo signs with a key that we made, unless sigstore is disabled in it', async t => {
  const directory = await tempDir(t)
  const { privateKey, publicKey } = generateCosignKey('ours')
  await writeFile(join(directory, 'key'), privateKey)
  await writeFile(join(directory, 'passphrase'), 'ours')
  await copyImage(randomImage({ seed: 'signed' }), parseImageName(`dir:${directory}/from`), {
    policy: insecureAcceptAnything,
  })
  await mkdir(join(directory, 'to'))
  const signing = ['--sign-by-sigstore-private-key', join(directory, 'key'), '--sign-identity', signedName]
  const passphrase = ['--sign-passphrase-file', join(directory, 'passphrase')]
  const ends = [`dir:${directory}/from`, `dir:${directory}/to`]
  const { stderr } = await run('skopeo', ['--insecure-policy', 'copy', '-q', ...signing, ...passphrase, ...ends])
  const signedBy = { type: 'sigstoreSigned', keyData: base64(publicKey), signedIdentity }
  const policy = parsePolicy(JSON.stringify({ default: [signedBy] }))
  const copied = copyImage(parseImageName(`dir:${directory}/to`), parseImageName(`dir:${directory}/ours`), { policy })
  if (stderr.includes('sigstore disabled')) await t.throwsAsync(copied, { code: 'POLICY_REJECTED' })
  else await t.notThrowsAsync(copied, stderr)
})
