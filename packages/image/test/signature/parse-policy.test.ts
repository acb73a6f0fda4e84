import test from 'ava'
import { isImageError, parsePolicy } from '../../src/index.ts'

// What Skopeo 1.22 takes for a policy.

const key = { type: 'sigstoreSigned', keyPath: '/a' }
const fulcio = { caPath: '/a', oidcIssuer: 'i', subjectEmail: 'e' }
const fulcioSigned = { type: 'sigstoreSigned', fulcio, rekorPublicKeyPath: '/r' }
const pki = { caRootsPath: '/a', subjectEmail: 'e' }
const gpg = { type: 'signedBy', keyType: 'GPGKeys', keyPath: '/a' }
const prefixed = (prefix: string) => ({
  ...key,
  signedIdentity: { type: 'remapIdentity', prefix, signedPrefix: 'vendor.example.com' },
})

const requirements: Readonly<Record<'valid' | 'invalid', Readonly<Record<string, object>>>> = {
  valid: {
    'an empty path beside keys': { type: 'sigstoreSigned', keyPath: '', keyDatas: ['AAAA'] },
    'an empty path of the log': { ...key, rekorPublicKeyPath: '' },
    'null for data': { ...key, keyData: null },
    'lists of keys and logs': { type: 'sigstoreSigned', keyPaths: ['/a', '/b'], rekorPublicKeyDatas: ['AAAA', 'AAAA'] },
    'base64 in lines': { type: 'sigstoreSigned', keyData: 'AA\nAA\r\n' },
    'only a host of a PKI': { type: 'sigstoreSigned', pki: { ...pki, subjectEmail: undefined, subjectHostname: 'h' } },
    'a host as prefix': prefixed('example.com:5000'),
    'one word as prefix': prefixed('library'),
    'a repository as prefix': prefixed('library/app'),
    'the older name of the default host as prefix': prefixed('index.docker.io/library/app'),
  },
  invalid: {
    'only an empty path': { type: 'sigstoreSigned', keyPath: '' },
    'null for a list of keys': { ...key, keyPaths: null },
    'null for a list of logs': { ...key, rekorPublicKeyDatas: null },
    'an empty list of keys': { type: 'sigstoreSigned', keyPaths: [] },
    'null for Fulcio': { ...key, fulcio: null },
    'null for a PKI': { ...key, pki: null },
    'null for an identity': { ...key, signedIdentity: null },
    'no log beside Fulcio': { ...fulcioSigned, rekorPublicKeyPath: '' },
    'no authority for Fulcio': { ...fulcioSigned, fulcio: { ...fulcio, caPath: '' } },
    'Fulcio and a key': { ...fulcioSigned, keyPath: '/a' },
    'a log beside a PKI': { type: 'sigstoreSigned', pki, rekorPublicKeyPath: '/r' },
    'a PKI for nobody': { type: 'sigstoreSigned', pki: { ...pki, subjectEmail: '' } },
    'two kinds of logs': { ...key, rekorPublicKeyPath: '/r', rekorPublicKeyPaths: ['/r'] },
    'base64 that is short': { type: 'sigstoreSigned', keyData: 'AA=' },
    'base64 with blanks': { type: 'sigstoreSigned', keyData: 'A A A A' },
    'an empty keyring': { ...gpg, keyPath: '' },
    'null beside a keyring': { ...gpg, keyData: null },
    'a base layer of any name': { type: 'signedBaseLayer' },
    'a prefix with a tag': prefixed('example.com/app:1'),
    'a prefix with a name for a port': prefixed('example.com:port'),
    'a prefix that is no host': prefixed('-example.com'),
    'a prefix that begins with no host': prefixed('a_b/app'),
    'a prefix that ends with a slash': prefixed('example.com/'),
    'no prefix': prefixed(''),
  },
}

for (const [what, requirement] of Object.entries(requirements.valid)) {
  test(`a policy with ${what} is one`, t => {
    t.notThrows(() => parsePolicy(JSON.stringify({ default: [requirement] })))
  })
}

for (const [what, requirement] of Object.entries(requirements.invalid)) {
  test(`a policy with ${what} is none`, t => {
    const error = t.throws(() => parsePolicy(JSON.stringify({ default: [requirement] })))
    t.true(isImageError(error, 'POLICY_INVALID'))
  })
}

test('a policy whose transports are null is none', t => {
  const policy = { default: [{ type: 'reject' }], transports: null }
  t.throws(() => parsePolicy(JSON.stringify(policy)), { code: 'POLICY_INVALID' })
})
