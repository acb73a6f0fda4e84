import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AccessOptions,
  copyImage,
  digestOf,
  generateCosignKey,
  insecureAcceptAnything,
  isImageError,
  parseDockerReference,
  parseImageName,
  parsePolicy,
  readCosignKey,
  type SigstoreSignature,
  sigstoreSigner,
} from '../../src/index.ts'
import { requireAllowed } from '../../src/signature/evaluate.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

const policy = insecureAcceptAnything
const passphrase = 'correct horse'
const cleanups: (() => Promise<void>)[] = []
let world: { root: string; host: string; access: AccessOptions } = { root: '', host: '', access: {} }
const keys = { one: generateCosignKey(passphrase), two: generateCosignKey(passphrase) }

test.before(async () => {
  const root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) }, 'sigstore')
  const registry = await startRegistry(join(root, 'registry'))
  cleanups.unshift(() => Promise.resolve(registry[Symbol.asyncDispose]()))
  const access = await plainAccess(root)
  await writeFile(join(root, 'registries.d/default.yaml'), 'default-docker:\n  use-sigstore-attachments: true\n')
  for (const name of ['one', 'two'] as const) {
    await writeFile(join(root, `${name}.pub`), keys[name].publicKey)
    await writeFile(join(root, `${name}.key`), keys[name].privateKey.replaceAll('SIGSTORE', 'COSIGN'), { mode: 0o600 })
  }
  await writeFile(join(root, 'passphrase'), passphrase)
  world = { root, host: registry.host, access }
})
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const policyFor = (name: string) => ({
  default: [{ type: 'sigstoreSigned', keyPath: join(world.root, `${name}.pub`) }],
})

async function ours(image: string, name: string, target: string): Promise<string> {
  const pull = copyImage(parseImageName(`docker://${world.host}/${image}`), parseImageName(`dir:${target}`), {
    policy: parsePolicy(JSON.stringify(policyFor(name))),
    source: world.access,
  })
  return pull.then(
    () => 'accepted',
    error => (isImageError(error, 'POLICY_REJECTED') ? 'refused' : String(error)),
  )
}

test.serial('an image signed with a key is accepted with that key only', async t => {
  const signBy = [sigstoreSigner(readCosignKey(keys.one.privateKey, passphrase))]
  const to = parseImageName(`docker://${world.host}/by-us:1`)
  await copyImage(randomImage({ seed: 'by-us' }), to, { policy, signBy, destination: world.access })
  const directory = await tempDir(t)
  t.is(await ours('by-us:1', 'one', join(directory, 'a')), 'accepted')
  t.is(await ours('by-us:1', 'two', join(directory, 'b')), 'refused')
})

test.serial('a second signature is added to the first', async t => {
  const to = parseImageName(`docker://${world.host}/twice:1`)
  for (const name of ['one', 'two'] as const) {
    const signBy = [sigstoreSigner(readCosignKey(keys[name].privateKey, passphrase))]
    await copyImage(randomImage({ seed: 'twice' }), to, { policy, signBy, destination: world.access })
  }
  const directory = await tempDir(t)
  t.is(await ours('twice:1', 'one', join(directory, 'a')), 'accepted')
  t.is(await ours('twice:1', 'two', join(directory, 'b')), 'accepted')
})

test.serial('an image that is not signed is refused', async t => {
  await copyImage(randomImage({ seed: 'bare' }), parseImageName(`docker://${world.host}/bare:1`), {
    policy,
    destination: world.access,
  })
  t.is(await ours('bare:1', 'one', join(await tempDir(t), 'a')), 'refused')
})

test('openssl verifies what we sign, and we what openssl signs', async t => {
  const directory = await tempDir(t)
  const file = (name: string): string => join(directory, name)
  const key = readCosignKey(keys.one.privateKey, passphrase)
  const made = (await sigstoreSigner(key).sign(manifestDigest, identity)) as SigstoreSignature
  await writeFile(file('payload'), made.payload)
  await writeFile(
    file('signature'),
    Buffer.from(made.annotations['dev.cosignproject.cosign/signature'] ?? '', 'base64'),
  )
  await writeFile(file('key.pub'), keys.one.publicKey)
  await writeFile(file('key'), key.export({ format: 'pem', type: 'pkcs8' }))
  execFileSync('openssl', [
    'dgst',
    '-sha256',
    '-verify',
    file('key.pub'),
    '-signature',
    file('signature'),
    file('payload'),
  ])
  const signature = execFileSync('openssl', ['dgst', '-sha256', '-sign', file('key'), file('payload')]).toString(
    'base64',
  )
  const theirs = { ...made, annotations: { 'dev.cosignproject.cosign/signature': signature } }
  await t.notThrowsAsync(judge({ type: 'sigstoreSigned', keyPath: file('key.pub') }, theirs))
})

test.serial('attachments with wrong bytes are an error, not an absence', async t => {
  const signBy = [sigstoreSigner(readCosignKey(keys.one.privateKey, passphrase))]
  const to = parseImageName(`docker://${world.host}/spoilt:1`)
  const { digest } = await copyImage(randomImage({ seed: 'spoilt' }), to, { policy, signBy, destination: world.access })
  const attached = parseImageName(`docker://${world.host}/spoilt:${digest.replace(':', '-')}.sig`)
  const { readManifest } = await import('../../src/index.ts')
  const { bytes } = await readManifest(attached, { access: world.access })
  const { layers } = JSON.parse(Buffer.from(bytes).toString()) as { layers: { digest: string }[] }
  const hex = layers[0]?.digest.slice(7) ?? ''
  const path = join(world.root, 'registry/data/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
  const payload = await readFile(path)
  payload[payload.length - 3] = 0x20
  await writeFile(path, payload)
  t.regex(await ours('spoilt:1', 'one', join(await tempDir(t), 'a')), /DIGEST_MISMATCH|did not match/)
})

test('a wrong passphrase is told', t => {
  const error = t.throws(() => readCosignKey(keys.one.privateKey, 'wrong'))
  t.true(isImageError(error, 'SIGNING_FAILED'))
  t.regex(error?.message ?? '', /passphrase is wrong/)
})

// Keyless signatures, with an authority and a log of our own.

const identity = parseDockerReference('example.com/app:1')
const manifestDigest = digestOf('a manifest')

async function authority(directory: string, extra: readonly string[] = []) {
  const file = (name: string): string => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  )
  openssl('req', ...ec, '-keyout', file('leaf.key'), '-out', file('leaf.csr'), '-subj', '/CN=leaf')
  const issuer = 'ASN1:UTF8String:https://issuer.example.com'
  await writeFile(
    file('ext'),
    [
      'extendedKeyUsage=codeSigning',
      'subjectAltName=email:dev@example.com,DNS:build.example.com',
      `1.3.6.1.4.1.57264.1.8=${issuer}`,
      ...extra,
    ].join('\n'),
  )
  openssl(
    'x509',
    '-req',
    '-in',
    file('leaf.csr'),
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-days',
    '1',
    '-out',
    file('leaf.pem'),
    '-extfile',
    file('ext'),
  )
  return {
    ca: file('ca.pem'),
    certificate: await readFile(file('leaf.pem'), 'utf8'),
    key: await readFile(file('leaf.key'), 'utf8'),
  }
}

async function keyless(directory: string, change: { email?: string; log?: string; payload?: string } = {}) {
  const { ca, certificate, key } = await authority(directory)
  const log = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const logPath = join(directory, 'rekor.pub')
  await writeFile(
    logPath,
    (change.log === 'other' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : log).publicKey.export({
      format: 'pem',
      type: 'spki',
    }),
  )
  const { createPrivateKey } = await import('node:crypto')
  const made = (await sigstoreSigner(createPrivateKey(key)).sign(manifestDigest, identity)) as SigstoreSignature
  const content = made.annotations['dev.cosignproject.cosign/signature']
  const value = createHash('sha256')
    .update(change.payload ?? made.payload)
    .digest('hex')
  const record = {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value } },
      signature: { content, publicKey: { content: Buffer.from(certificate).toString('base64') } },
    },
  }
  const entry = {
    body: Buffer.from(JSON.stringify(record)).toString('base64'),
    integratedTime: Math.floor(Date.now() / 1000),
    logID: 'ab',
    logIndex: 1,
  }
  const bundle = {
    SignedEntryTimestamp: sign('sha256', Buffer.from(JSON.stringify(entry)), log.privateKey).toString('base64'),
    Payload: entry,
  }
  const annotations = {
    ...made.annotations,
    'dev.sigstore.cosign/certificate': certificate,
    'dev.sigstore.cosign/bundle': JSON.stringify(bundle),
  }
  const fulcio = {
    caPath: ca,
    oidcIssuer: 'https://issuer.example.com',
    subjectEmail: change.email ?? 'dev@example.com',
  }
  const requirement = { type: 'sigstoreSigned', fulcio, rekorPublicKeyPath: logPath }
  return { signature: { ...made, annotations }, requirement, ca }
}

const judge = (requirement: object, signature: SigstoreSignature) =>
  requireAllowed(parsePolicy(JSON.stringify({ default: [requirement] })), {
    reference: parseImageName('docker://example.com/app:1'),
    manifestDigest,
    signatures: async () => [signature],
  })

test('a keyless signature with its certificate and log entry is accepted', async t => {
  const { requirement, signature } = await keyless(await tempDir(t))
  await t.notThrowsAsync(judge(requirement, signature))
})

for (const [what, change, message] of [
  ['for another person', { email: 'other@example.com' }, /Required email/],
  ['by another log', { log: 'other' }, /Rekor SET/],
  ['logged for another payload', { payload: 'x' }, /another payload/],
] as const) {
  test(`a keyless signature ${what} is refused`, async t => {
    const { requirement, signature } = await keyless(await tempDir(t), change)
    await t.throwsAsync(judge(requirement, signature), { code: 'POLICY_REJECTED', message })
  })
}

test('a keyless signature by an authority nobody trusts is refused', async t => {
  const { requirement, signature } = await keyless(await tempDir(t))
  const { ca } = await keyless(await tempDir(t))
  await t.throwsAsync(judge({ ...requirement, fulcio: { ...requirement.fulcio, caPath: ca } }, signature), {
    message: /not issued by a trusted authority/,
  })
})

test('a certificate of an own authority is accepted by its subject', async t => {
  const { signature, ca } = await keyless(await tempDir(t))
  const pki = { caRootsPath: ca, subjectEmail: 'dev@example.com', subjectHostname: 'build.example.com' }
  await t.notThrowsAsync(judge({ type: 'sigstoreSigned', pki }, signature))
  await t.throwsAsync(
    judge({ type: 'sigstoreSigned', pki: { ...pki, subjectHostname: 'evil.example.com' } }, signature),
    { message: /not for the host/ },
  )
  t.is(createPublicKey(keys.one.publicKey).asymmetricKeyType, 'ec')
})
