import test from 'ava'
import {
  alternatives,
  authorityOf,
  type Certificate,
  type CertificateFields,
  certificate,
  codeSigning,
  extension,
  issuerV2,
  keyUses,
  nameConstraints,
  purposes,
} from '../support/certificates.ts'
import { element, name, sequence, utf8 } from '../support/der.ts'
import {
  annotationOf,
  base64,
  byFulcio,
  ed,
  email,
  fulcio,
  issuer,
  leaf,
  middle,
  names,
  p384,
  past,
  root,
  rsa,
  rsaOf,
  stranger,
  under,
  withEmail,
} from '../support/keyless.ts'
import { type SignedCase, type Verdicts, verdictOf } from '../support/verdicts.ts'

// What a certificate is traced back to.

const chained = (chain: readonly Certificate[], holder: Certificate): SignedCase =>
  byFulcio(holder, { annotations: { [annotationOf.chain]: chain.map(one => one.pem).join('') } })
const via = (authority: Certificate): SignedCase => chained([authority, root], leaf({ by: authority }))
const rootedIn = (authority: Certificate, fields: CertificateFields = {}): SignedCase => ({
  ...byFulcio(leaf({ by: authority, ...fields })),
  requirement: fulcio({ caData: base64(authority.pem) }),
})

/** A certificate with these names by way of an authority with those constraints. */
function constrained(constraints: Parameters<typeof nameConstraints>[0], alternativeNames: Uint8Array): SignedCase {
  const by = middle({ extensions: [authorityOf(), nameConstraints(constraints)] })
  return chained([by, root], leaf({ by, extensions: [codeSigning, issuerV2(issuer), alternativeNames] }))
}

function deep(depth: number): SignedCase {
  let by = root
  const chain = [root]
  for (let level = 0; level < depth; level++) {
    by = middle({ subject: `level ${level}`, by })
    chain.unshift(by)
  }
  return chained(chain, leaf({ by }))
}

const cases: Verdicts = {
  'intermediate and root': ['accepted', () => chained([under, root], leaf({ by: under }))],
  'intermediate alone': ['refused', () => chained([under], leaf({ by: under }))],
  missing: ['refused', () => byFulcio(leaf({ by: under }))],
  'root first': ['refused', () => chained([root, under], leaf({ by: under }))],
  'of two intermediates': [
    'accepted',
    () => {
      const lower = middle({ subject: 'lower', by: under })
      return chained([lower, under, root], leaf({ by: lower }))
    },
  ],
  'of two in any order': [
    'accepted',
    () => {
      const lower = middle({ subject: 'lower', by: under })
      return chained([under, lower, root], leaf({ by: lower }))
    },
  ],
  'with text behind': [
    'refused',
    () => byFulcio(leaf({ by: under }), { annotations: { [annotationOf.chain]: `${under.pem}${root.pem}x` } }),
  ],
  'unreadable, not needed': ['refused', () => byFulcio(leaf(), { annotations: { [annotationOf.chain]: 'x' } })],
  empty: ['accepted', () => byFulcio(leaf(), { annotations: { [annotationOf.chain]: '' } })],
  'an intermediate that is a root of its own': [
    'refused',
    () => {
      const own = certificate({ subject: 'own', extensions: [authorityOf()] })
      return chained([own, own], leaf({ by: own }))
    },
  ],
  'an intermediate that is no authority': ['refused', () => via(middle({ extensions: [] }))],
  'an intermediate not for certificates': [
    'refused',
    () => via(middle({ extensions: [authorityOf(), keyUses(0x80)] })),
  ],
  'an intermediate for certificates': ['accepted', () => via(middle({ extensions: [authorityOf(), keyUses(0x06)] }))],
  'an expired intermediate': ['refused', () => via(middle(past))],
  'an intermediate for another purpose': [
    'refused',
    () => via(middle({ extensions: [authorityOf(), purposes('1.3.6.1.5.5.7.3.1')] })),
  ],
  'an intermediate for the purpose': ['accepted', () => via(middle({ extensions: [authorityOf(), codeSigning] }))],
  'an intermediate with an unknown critical extension': [
    'refused',
    () => via(middle({ extensions: [authorityOf(), extension('1.2.3', utf8('x'), 'critical')] })),
  ],
  'an intermediate signed with SHA-1': ['refused', () => via(middle({ hash: 'sha1' }))],
  'too long for a root': [
    'refused',
    () => {
      const short = certificate({ subject: 'short', extensions: [authorityOf(0)] })
      const no = middle({ by: short })
      return { ...chained([no, short], leaf({ by: no })), requirement: fulcio({ caData: base64(short.pem) }) }
    },
  ],
  'as long as a root allows': [
    'accepted',
    () => {
      const short = certificate({ subject: 'short', extensions: [authorityOf(1)] })
      const yes = middle({ by: short })
      return { ...chained([yes, short], leaf({ by: yes })), requirement: fulcio({ caData: base64(short.pem) }) }
    },
  ],
  'too long for an intermediate': [
    'refused',
    () => {
      const short = middle({ subject: 'short', extensions: [authorityOf(0)] })
      const no = middle({ by: short })
      return chained([no, short, root], leaf({ by: no }))
    },
  ],
  'an intermediate of the same name with another key first': [
    'accepted',
    () => chained([middle(), under, root], leaf({ by: under })),
  ],
  'the same intermediate twice': ['accepted', () => chained([under, under, root], leaf({ by: under }))],
  'an expired twin of the intermediate first': [
    'accepted',
    () => {
      const old = middle({ key: under.key, ...past })
      return chained([old, under, root], leaf({ by: under }))
    },
  ],
  'a twin that leads nowhere first': [
    'accepted',
    () => {
      const other = certificate({ subject: 'middle', by: stranger, key: under.key, extensions: [authorityOf()] })
      return chained([other, under, root], leaf({ by: under }))
    },
  ],
  deep: ['accepted', () => deep(12)],
  'an issuer by another name': ['refused', () => chained([under, root], leaf({ by: under, issuer: 'another' }))],
  'the certificate itself is trusted': [
    'accepted',
    () => {
      const own = certificate({ extensions: [codeSigning, names, issuerV2(issuer)] })
      return { ...byFulcio(own), requirement: fulcio({ caData: base64(own.pem) }) }
    },
  ],
  'the intermediate is trusted': [
    'accepted',
    () => ({ ...byFulcio(leaf({ by: under })), requirement: fulcio({ caData: base64(under.pem) }) }),
  ],
  'an expired root': ['refused', () => rootedIn(certificate({ subject: 'old', extensions: [authorityOf()], ...past }))],
  'a root that is no authority': ['refused', () => rootedIn(certificate({ subject: 'no', extensions: [codeSigning] }))],
  'a root of version 1': ['accepted', () => rootedIn(certificate({ subject: 'v1', version: 1 }))],
  'a root for another purpose': [
    'refused',
    () => rootedIn(certificate({ subject: 'web', extensions: [authorityOf(), purposes('1.3.6.1.5.5.7.3.1')] })),
  ],
  'a root signed with SHA-1': [
    'accepted',
    () => rootedIn(certificate({ subject: 'sha1', extensions: [authorityOf()], hash: 'sha1' })),
  ],
  'emails of the domain permitted': [
    'accepted',
    () => constrained({ permitted: [['email', 'example.com']] }, alternatives([['email', email]])),
  ],
  'emails of another domain permitted': [
    'refused',
    () => constrained({ permitted: [['email', 'example.org']] }, alternatives([['email', email]])),
  ],
  'emails of sub-domains permitted': [
    'refused',
    () => constrained({ permitted: [['email', '.example.com']] }, alternatives([['email', email]])),
  ],
  'the very email permitted': [
    'accepted',
    () => constrained({ permitted: [['email', email]] }, alternatives([['email', email]])),
  ],
  'the email excluded': [
    'refused',
    () => constrained({ excluded: [['email', email]] }, alternatives([['email', email]])),
  ],
  'hosts permitted, others too': [
    'accepted',
    () => constrained({ permitted: [['host', 'example.org']] }, alternatives([['email', email]])),
  ],
  'the host not permitted': ['refused', () => constrained({ permitted: [['host', 'example.org']] }, names)],
  'the host permitted': ['accepted', () => constrained({ permitted: [['host', 'example.com']] }, names)],
  'the host excluded': ['refused', () => constrained({ excluded: [['host', 'example.com']] }, names)],
  'the root does not permit the email': [
    'refused',
    () =>
      rootedIn(
        certificate({
          subject: 'narrow',
          extensions: [authorityOf(), nameConstraints({ permitted: [['email', 'example.org']] })],
        }),
      ),
  ],
  'a host by a wildcard beside an excluded one': [
    'refused',
    () => constrained({ excluded: [['host', 'a.example.com']] }, withEmail(['host', '*.example.com'])),
  ],
  'a host by a wildcard, permitted': [
    'accepted',
    () => constrained({ permitted: [['host', 'example.com']] }, withEmail(['host', '*.example.com'])),
  ],
  'a host by a wildcard, one permitted': [
    'refused',
    () => constrained({ permitted: [['host', 'a.example.com']] }, withEmail(['host', '*.example.com'])),
  ],
  'a URI permitted': [
    'accepted',
    () => constrained({ permitted: [['uri', 'example.com']] }, withEmail(['uri', 'https://example.com/a'])),
  ],
  'a URI permitted below': [
    'accepted',
    () => constrained({ permitted: [['uri', '.example.com']] }, withEmail(['uri', 'https://a.example.com:5/a'])),
  ],
  'a URI not permitted': [
    'refused',
    () => constrained({ permitted: [['uri', 'example.org']] }, withEmail(['uri', 'https://example.com/a'])),
  ],
  'a URI without a host': [
    'refused',
    () => constrained({ excluded: [['uri', 'example.org']] }, withEmail(['uri', 'urn:x'])),
  ],
  'a URI with an address': [
    'refused',
    () => constrained({ excluded: [['uri', 'example.org']] }, withEmail(['uri', 'http://192.0.2.1/'])),
  ],
  'an address excluded': [
    'refused',
    () =>
      constrained(
        { excluded: [['address', Buffer.of(192, 0, 2, 0, 255, 255, 255, 0)]] },
        withEmail(['address', Buffer.of(192, 0, 2, 1)]),
      ),
  ],
  'an address not excluded': [
    'accepted',
    () =>
      constrained(
        { excluded: [['address', Buffer.of(192, 0, 2, 0, 255, 255, 255, 0)]] },
        withEmail(['address', Buffer.of(192, 0, 3, 1)]),
      ),
  ],
  'a new address beside old ones excluded': [
    'accepted',
    () => constrained({ excluded: [['address', Buffer.alloc(8)]] }, withEmail(['address', Buffer.alloc(16)])),
  ],
  'directories constrained': [
    'refused',
    () =>
      via(
        middle({
          extensions: [
            authorityOf(),
            extension('2.5.29.30', sequence(element(0xa0, sequence(element(0xa4, name('x'))))), 'critical'),
          ],
        }),
      ),
  ],
  'directories constrained, not critically': [
    'accepted',
    () =>
      via(
        middle({
          extensions: [
            authorityOf(),
            extension('2.5.29.30', sequence(element(0xa0, sequence(element(0xa4, name('x')))))),
          ],
        }),
      ),
  ],
  'emails constrained, not critically': [
    'refused',
    () =>
      via(
        middle({
          extensions: [
            authorityOf(),
            extension('2.5.29.30', sequence(element(0xa0, sequence(element(0x81, Buffer.from('example.org')))))),
          ],
        }),
      ),
  ],
  'an empty constraint': ['accepted', () => constrained({ permitted: [['email', '']] }, names)],
  'an empty constraint excludes': ['refused', () => constrained({ excluded: [['email', '']] }, names)],
  'constraints of a root of no use': [
    'accepted',
    () => {
      const no = middle({ extensions: [authorityOf(), nameConstraints({ permitted: [['email', 'example.org']] })] })
      return chained([no, under, root], leaf({ by: under }))
    },
  ],
  'an intermediate not understood, not needed': [
    'accepted',
    () => {
      const no = middle({ extensions: [authorityOf(), extension('1.2.3', utf8('x'), 'critical')] })
      return chained([no, under, root], leaf({ by: under }))
    },
  ],
  'signed with RSASSA-PSS': [
    'accepted',
    () =>
      rootedIn(certificate({ subject: 'pss', key: rsa, hash: 'pss', extensions: [authorityOf()] }), { hash: 'pss' }),
  ],
  'signed with RSA': [
    'accepted',
    () => rootedIn(certificate({ subject: 'rsa', key: rsa, extensions: [authorityOf()] })),
  ],
  'signed with RSA and SHA-1': [
    'refused',
    () => rootedIn(certificate({ subject: 'rsa', key: rsa, extensions: [authorityOf()] }), { hash: 'sha1' }),
  ],
  'signed with RSA of 1024 bits': [
    'accepted',
    () => rootedIn(certificate({ subject: 'rsa', key: rsaOf(1024), extensions: [authorityOf()] })),
  ],
  'signed with RSA of 512 bits': [
    'accepted',
    () => rootedIn(certificate({ subject: 'rsa', key: rsaOf(512), extensions: [authorityOf()] })),
  ],
  'signed with Ed25519': [
    'accepted',
    () => rootedIn(certificate({ subject: 'ed', key: ed, extensions: [authorityOf()] })),
  ],
  'signed with P-384': [
    'accepted',
    () => rootedIn(certificate({ subject: 'p384', key: p384, extensions: [authorityOf()] })),
  ],
  'an intermediate that needs a policy': [
    'refused',
    () =>
      via(
        middle({
          extensions: [authorityOf(), extension('2.5.29.36', sequence(element(0x80, Buffer.of(0))), 'critical')],
        }),
      ),
  ],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
