import test from 'ava'
import { type AlternativeName, alternatives, codeSigning, pem, purposes } from '../support/certificates.ts'
import {
  annotationOf,
  base64,
  email,
  future,
  type Holder,
  host,
  hour,
  leaf,
  middle,
  names,
  now,
  past,
  root,
  saying,
  saysCritically,
  signed,
  signedIdentity,
  stranger,
  under,
} from '../support/keyless.ts'
import { type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

// Certificates of an authority of one's own.

const pki = (change: object = {}): object => ({
  type: 'sigstoreSigned',
  pki: { caRootsData: base64(root.pem), subjectEmail: email, ...change },
  signedIdentity,
})
const byPki = (holder?: Holder, change?: object, chain?: string): SignedCase => ({
  requirement: pki(change),
  signature: signed(holder, { annotations: { [annotationOf.bundle]: undefined, [annotationOf.chain]: chain } }),
})
const byHost = (name: AlternativeName, subjectHostname: string): SignedCase =>
  byPki(saying(alternatives([name])), { subjectEmail: undefined, subjectHostname })

function presentedToPki(show: (text: string) => string): SignedCase {
  const holder = leaf()
  return byPki({ ...holder, pem: show(holder.pem) })
}

const cases: Verdicts = {
  'a CA by another label': [
    'refused',
    () => byPki(leaf(), { caRootsData: base64(root.pem.replaceAll('CERTIFICATE', 'PAPER')) }),
  ],
  'a CA with text before': ['accepted', () => byPki(leaf(), { caRootsData: base64(`x\n${root.pem}`) })],
  'a CA with text behind': ['accepted', () => byPki(leaf(), { caRootsData: base64(`${root.pem}x`) })],
  'a CA beside one that cannot be read': [
    'accepted',
    () => byPki(leaf(), { caRootsData: base64(pem('CERTIFICATE', Buffer.of(1)) + root.pem) }),
  ],
  'no CA': ['refused', () => byPki(leaf(), { caRootsData: base64(' ') })],
  'no CA, but a trusted intermediate': [
    'refused',
    () => byPki(leaf({ by: under }), { caRootsData: base64(stranger.pem), caIntermediatesData: base64(under.pem) }),
  ],
  'empty intermediates': ['accepted', () => byPki(leaf(), { caIntermediatesData: base64(' ') })],
  'two certificates': ['refused', () => presentedToPki(text => text + root.pem)],
  'the certificate with a line behind': ['accepted', () => presentedToPki(text => `${text}\n`)],
  'the certificate with text behind': ['refused', () => presentedToPki(text => `${text}x`)],
  'an issuer is not asked for': ['accepted', () => byPki(saying(names))],
  'an underscore in the host': ['accepted', () => byHost(['host', 'a_b.example.com'], 'a_b.example.com')],
  'a host that is none, equal': ['accepted', () => byHost(['host', 'a b'], 'a b')],
  'a new address': [
    'accepted',
    () => byHost(['address', Buffer.from('20010db8000000000000000000000001', 'hex')], '2001:db8::1'),
  ],
  right: ['accepted', () => byPki()],
  'right, with the host': ['accepted', () => byPki(leaf(), { subjectHostname: host })],
  'only the host': ['accepted', () => byPki(leaf(), { subjectEmail: undefined, subjectHostname: host })],
  'wrong email': ['refused', () => byPki(leaf(), { subjectEmail: 'x@y' })],
  'wrong host': ['refused', () => byPki(leaf(), { subjectHostname: 'x.example.com' })],
  'wrong email, right host': ['refused', () => byPki(leaf(), { subjectEmail: 'x@y', subjectHostname: host })],
  'host in upper case': ['accepted', () => byPki(leaf(), { subjectHostname: host.toUpperCase() })],
  'host with a dot behind': ['accepted', () => byPki(leaf(), { subjectHostname: `${host}.` })],
  'host only in the name': [
    'refused',
    () =>
      byPki(leaf({ subject: host, extensions: [codeSigning, alternatives([['email', email]])] }), {
        subjectHostname: host,
      }),
  ],
  'host only in the name, no other names': [
    'refused',
    () => byPki(leaf({ subject: host, extensions: [codeSigning] }), { subjectEmail: undefined, subjectHostname: host }),
  ],
  'host by a wildcard': ['accepted', () => byHost(['host', '*.example.com'], host)],
  'host by half a wildcard': ['refused', () => byHost(['host', 'b*.example.com'], host)],
  'host by a wildcard over two labels': ['refused', () => byHost(['host', '*.com'], host)],
  'a wildcard in the policy': [
    'refused',
    () => byPki(leaf(), { subjectEmail: undefined, subjectHostname: '*.example.com' }),
  ],
  'a suffix in the policy': [
    'refused',
    () => byPki(leaf(), { subjectEmail: undefined, subjectHostname: '.example.com' }),
  ],
  'an address': ['accepted', () => byHost(['address', Buffer.of(192, 0, 2, 1)], '192.0.2.1')],
  'an address in brackets': ['accepted', () => byHost(['address', Buffer.of(192, 0, 2, 1)], '[192.0.2.1]')],
  'an address as host': ['refused', () => byHost(['host', '192.0.2.1'], '192.0.2.1')],
  'other CA': ['refused', () => byPki(leaf(), { caRootsData: base64(stranger.pem) })],
  expired: ['refused', () => byPki(leaf(past))],
  'expired, logged in time': [
    'refused',
    () => ({ requirement: pki(), signature: signed(leaf(past), { time: now - 3 * hour }) }),
  ],
  'not yet valid': ['refused', () => byPki(leaf({ ...future }))],
  'intermediate of the policy': [
    'accepted',
    () => byPki(leaf({ by: under }), { caIntermediatesData: base64(under.pem) }),
  ],
  'intermediate missing': ['refused', () => byPki(leaf({ by: under }))],
  'intermediate of the signature': ['accepted', () => byPki(leaf({ by: under }), {}, under.pem + root.pem)],
  'intermediate alone in the signature': ['refused', () => byPki(leaf({ by: under }), {}, under.pem)],
  'intermediates of both': [
    'accepted',
    () => {
      const lower = middle({ subject: 'lower', by: under })
      return byPki(leaf({ by: lower }), { caIntermediatesData: base64(under.pem) }, lower.pem + root.pem)
    },
  ],
  'intermediates that cannot be read': ['refused', () => byPki(leaf(), { caIntermediatesData: base64('x') })],
  'another purpose': ['refused', () => byPki(leaf({ extensions: [purposes('1.3.6.1.5.5.7.3.1'), names] }))],
  'critical alternative names': ['accepted', () => byPki(saying(alternatives([['email', email]], 'critical')))],
  'no certificate': [
    'refused',
    () => ({
      requirement: pki(),
      signature: signed(leaf(), { annotations: { [annotationOf.certificate]: undefined } }),
    }),
  ],
  'payload of another digest': [
    'refused',
    () => ({
      requirement: pki(),
      signature: signed(leaf(), {
        payload: saysCritically({ image: { 'docker-manifest-digest': `sha256:${'a'.repeat(64)}` } }),
      }),
    }),
  ],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
