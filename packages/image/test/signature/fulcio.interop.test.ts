import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { alternatives, codeSigning, extension, issuerV1, issuerV2, pem, purposes } from '../support/certificates.ts'
import { element, integer, name, oid, sequence, utf8 } from '../support/der.ts'
import {
  annotationOf,
  base64,
  byFulcio,
  byPolicy,
  changed,
  ed,
  email,
  fulcio,
  host,
  issuer,
  leaf,
  names,
  p384,
  root,
  rsa,
  rsaOf,
  saying,
  stranger,
  under,
  withEmail,
} from '../support/keyless.ts'
import { type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

// Whom a certificate is for, and who says so.

/** The certificate as it is shown, not as it was logged. */
function presented(show: (text: string) => string): SignedCase {
  const holder = leaf()
  return byFulcio(holder, { annotations: { [annotationOf.certificate]: show(holder.pem) } })
}

const derOf = (text: string): Buffer => Buffer.from(text.replace(/-----.*-----/g, ''), 'base64')

const cases: Verdicts = {
  right: ['accepted', () => byFulcio()],
  'no signature': ['refused', () => ({ requirement: fulcio() })],
  'wrong issuer': ['refused', () => byPolicy({ oidcIssuer: 'https://x' })],
  'wrong email': ['refused', () => byPolicy({ subjectEmail: 'x@y' })],
  'email in upper case': ['refused', () => byPolicy({ subjectEmail: email.toUpperCase() })],
  'other CA': ['refused', () => byPolicy({ caData: base64(stranger.pem) })],
  'one of two CAs': ['accepted', () => byPolicy({ caData: base64(stranger.pem + root.pem) })],
  'CA that cannot be read': ['refused', () => byPolicy({ caData: base64('x') })],
  'CA beside one that cannot be read': [
    'accepted',
    () => byPolicy({ caData: base64(pem('CERTIFICATE', Buffer.of(1)) + root.pem) }),
  ],
  'CA in a file': ['refused', () => byPolicy({ caData: undefined, caPath: '/nowhere' })],
  'no certificate': ['refused', () => changed({ annotations: { [annotationOf.certificate]: undefined } })],
  'no signature in it': ['refused', () => changed({ annotations: { [annotationOf.signature]: undefined } })],
  'other media type': ['refused', () => changed({ mimeType: 'text/plain' })],
  'a CA by another label': ['refused', () => byPolicy({ caData: base64(root.pem.replaceAll('CERTIFICATE', 'PAPER')) })],
  'a CA with text around': ['accepted', () => byPolicy({ caData: base64(`x\n${root.pem}x`) })],
  'a CA beside a block of bad base64': [
    'accepted',
    () => byPolicy({ caData: base64(`-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n${root.pem}`) }),
  ],
  'a CA beside an unended block': [
    'accepted',
    () => byPolicy({ caData: base64(`-----BEGIN CERTIFICATE-----\n${root.pem}`) }),
  ],
  'a CA with a line of head': [
    'refused',
    () => byPolicy({ caData: base64(root.pem.replace('-----\n', '-----\nA: b\n\n')) }),
  ],
  'only the older issuer': ['accepted', () => byFulcio(saying(names, issuerV1(issuer)))],
  'only the newer issuer': ['accepted', () => byFulcio(saying(names, issuerV2(issuer)))],
  'no issuer': ['refused', () => byFulcio(saying(names))],
  'two issuers': ['refused', () => byFulcio(saying(names, issuerV1(issuer), issuerV2('https://x')))],
  'two issuers, the newer right in the policy': [
    'refused',
    () => byFulcio(saying(names, issuerV1('https://x'), issuerV2(issuer))),
  ],
  'the issuer twice': ['refused', () => byFulcio(saying(names, issuerV1(issuer), issuerV1(issuer)))],
  'the newer issuer in bare text': [
    'refused',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', Buffer.from(issuer)))),
  ],
  'the newer issuer with bytes behind': [
    'refused',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', Buffer.concat([utf8(issuer), Buffer.of(0)])))),
  ],
  'the issuer in the name': [
    'refused',
    () =>
      byFulcio(leaf({ subject: Buffer.from(issuerV2(issuer)).toString('latin1'), extensions: [codeSigning, names] })),
  ],
  'the issuer in another extension': [
    'refused',
    () => byFulcio(saying(names, issuerV2('https://x'), extension('1.2.3', issuerV2(issuer)))),
  ],
  'the issuer in an earlier extension': [
    'refused',
    () => byFulcio(saying(names, extension('1.2.3', issuerV2(issuer)), issuerV2('https://x'))),
  ],
  'critical alternative names': [
    'accepted',
    () => byFulcio(saying(alternatives([['email', email]], 'critical'), issuerV2(issuer))),
  ],
  'no email': ['refused', () => byFulcio(saying(alternatives([['host', host]]), issuerV2(issuer)))],
  'email as URI': ['refused', () => byFulcio(saying(alternatives([['uri', `email:${email}`]]), issuerV2(issuer)))],
  'email as host': ['refused', () => byFulcio(saying(alternatives([['host', email]]), issuerV2(issuer)))],
  'email within another': [
    'refused',
    () => byFulcio(saying(alternatives([['email', `x, email:${email}`]]), issuerV2(issuer))),
  ],
  'email within a host': [
    'refused',
    () => byFulcio(saying(alternatives([['host', `x, email:${email}`]]), issuerV2(issuer))),
  ],
  'email before a zero': [
    'refused',
    () => byFulcio(saying(alternatives([['email', `${email}\0.evil`]]), issuerV2(issuer))),
  ],
  'the second email': [
    'accepted',
    () =>
      byFulcio(
        saying(
          alternatives([
            ['email', 'x@y.example.com'],
            ['email', email],
          ]),
          issuerV2(issuer),
        ),
      ),
  ],
  'no purpose': ['accepted', () => byFulcio(leaf({ extensions: [names, issuerV2(issuer)] }))],
  'another purpose': [
    'refused',
    () => byFulcio(leaf({ extensions: [purposes('1.3.6.1.5.5.7.3.1'), names, issuerV2(issuer)] })),
  ],
  'an unknown purpose': [
    'refused',
    () => byFulcio(leaf({ extensions: [purposes('1.2.3.4'), names, issuerV2(issuer)] })),
  ],
  'any purpose': ['accepted', () => byFulcio(leaf({ extensions: [purposes('2.5.29.37.0'), names, issuerV2(issuer)] }))],
  'several purposes': [
    'accepted',
    () => byFulcio(leaf({ extensions: [purposes('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.3'), names, issuerV2(issuer)] })),
  ],
  'an unknown critical extension': [
    'refused',
    () => byFulcio(saying(names, issuerV2(issuer), extension('1.2.3', utf8('x'), 'critical'))),
  ],
  'an unknown extension': ['accepted', () => byFulcio(saying(names, issuerV2(issuer), extension('1.2.3', utf8('x'))))],
  'an extension twice': [
    'refused',
    () => byFulcio(saying(names, issuerV2(issuer), extension('1.2.3', utf8('x')), extension('1.2.3', utf8('x')))),
  ],
  'signed with SHA-1': ['refused', () => byFulcio(leaf({ hash: 'sha1' }))],
  'by an RSA key': ['accepted', () => byFulcio(leaf({ key: rsa }))],
  'by an Ed25519 key': ['accepted', () => byFulcio(leaf({ key: ed }))],
  'by a P-384 key': ['accepted', () => byFulcio(leaf({ key: p384 }))],
  'two certificates': [
    'refused',
    () => {
      const holder = leaf()
      return byFulcio({ ...holder, pem: holder.pem + under.pem })
    },
  ],
  'the certificate by another label': ['accepted', () => presented(text => text.replaceAll('CERTIFICATE', 'PAPER'))],
  'the certificate with text behind': ['refused', () => presented(text => `${text}x`)],
  'the certificate with a line behind': ['refused', () => presented(text => `${text}\n`)],
  'the certificate with text before': ['accepted', () => presented(text => `x\n${text}`)],
  'by a secp256k1 key': [
    'refused',
    () => byFulcio(leaf({ key: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) })),
  ],
  'by a P-224 key': ['accepted', () => byFulcio(leaf({ key: generateKeyPairSync('ec', { namedCurve: 'P-224' }) }))],
  'by an RSA key of 512 bits': ['accepted', () => byFulcio(leaf({ key: rsaOf(512) }))],
  'by an RSA key of 1024 bits': ['accepted', () => byFulcio(leaf({ key: rsaOf(1024) }))],
  'an email that is no ASCII': [
    'refused',
    () => byFulcio(saying(withEmail(['email', 'ä@example.com']), issuerV2(issuer))),
  ],
  'a host that is no ASCII': [
    'refused',
    () => byFulcio(saying(withEmail(['host', 'ä.example.com']), issuerV2(issuer))),
  ],
  'a host that is none': ['accepted', () => byFulcio(saying(withEmail(['host', 'a b']), issuerV2(issuer)))],
  'a URI that is no ASCII': ['refused', () => byFulcio(saying(withEmail(['uri', 'http://ä']), issuerV2(issuer)))],
  'a URI that is none': ['refused', () => byFulcio(saying(withEmail(['uri', 'http://[']), issuerV2(issuer)))],
  'a URI with a blank in its host': [
    'refused',
    () => byFulcio(saying(withEmail(['uri', 'http://a b/']), issuerV2(issuer))),
  ],
  'a relative URI': ['accepted', () => byFulcio(saying(withEmail(['uri', 'x']), issuerV2(issuer)))],
  'an address of three bytes': [
    'refused',
    () => byFulcio(saying(withEmail(['address', Buffer.of(1, 2, 3)]), issuerV2(issuer))),
  ],
  'names of another kind, too': [
    'accepted',
    () =>
      byFulcio(
        saying(
          extension('2.5.29.17', sequence(element(0xa4, name('x')), element(0x81, Buffer.from(email)))),
          issuerV2(issuer),
        ),
      ),
  ],
  'only names of another kind, critical': [
    'refused',
    () => byFulcio(saying(extension('2.5.29.17', sequence(element(0xa4, name('x'))), 'critical'), issuerV2(issuer))),
  ],
  'the issuer as a printable string': [
    'accepted',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', element(0x13, Buffer.from(issuer))))),
  ],
  'the issuer as an IA5 string': [
    'accepted',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', element(0x16, Buffer.from(issuer))))),
  ],
  'the issuer as bytes': [
    'refused',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', element(0x04, Buffer.from(issuer))))),
  ],
  'a critical issuer': [
    'refused',
    () => byFulcio(saying(names, extension('1.3.6.1.4.1.57264.1.8', utf8(issuer), 'critical'))),
  ],
  'a critical policy': [
    'accepted',
    () =>
      byFulcio(saying(names, issuerV2(issuer), extension('2.5.29.32', sequence(sequence(oid('1.2.3'))), 'critical'))),
  ],
  'a critical inhibition of policies': [
    'accepted',
    () => byFulcio(saying(names, issuerV2(issuer), extension('2.5.29.54', integer(0), 'critical'))),
  ],
  'bytes behind the certificate': [
    'refused',
    () => {
      const holder = leaf()
      const odd = pem('CERTIFICATE', Buffer.concat([derOf(holder.pem), Buffer.of(0)]))
      return byFulcio({ ...holder, pem: odd })
    },
  ],
  'a certificate with carriage returns': ['accepted', () => presented(text => text.replaceAll('\n', '\r\n'))],
  'a certificate without its last line end': ['accepted', () => presented(text => text.trimEnd())],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
