import test from 'ava'
import { certificate, newKey } from '../support/certificates.ts'
import {
  annotationOf,
  base64,
  byFulcio,
  byPolicy,
  type Change,
  changed,
  fulcio,
  hour,
  leaf,
  log,
  now,
  p384,
  past,
  publicPem,
  rsa,
  signed,
} from '../support/keyless.ts'
import { type Verdicts, verdictOf } from '../support/verdicts.ts'

// What the log has promised, and when.

const noTime: Change = { annotations: { [annotationOf.bundle]: undefined } }

const cases: Verdicts = {
  'expired at the time of the log': ['refused', () => changed({ time: now + 48 * hour })],
  'not yet valid at the time of the log': ['refused', () => changed({ time: now - 48 * hour })],
  'expired since': ['accepted', () => byFulcio(leaf({ ...past }), { time: now - 3 * hour })],
  'no promise of the log': ['refused', () => changed(noTime)],
  'other log': ['refused', () => changed({ log: newKey() })],
  'one of two logs': [
    'accepted',
    () => ({
      requirement: {
        ...fulcio(),
        rekorPublicKeyData: undefined,
        rekorPublicKeyDatas: [base64(publicPem(newKey())), base64(publicPem(log))],
      },
      signature: signed(),
    }),
  ],
  'log with an RSA key': [
    'refused',
    () => ({
      requirement: fulcio({}, { rekorPublicKeyData: base64(publicPem(rsa)) }),
      signature: signed(leaf(), { log: rsa }),
    }),
  ],
  'log with a P-384 key': [
    'accepted',
    () => ({
      requirement: fulcio({}, { rekorPublicKeyData: base64(publicPem(p384)) }),
      signature: signed(leaf(), { log: p384 }),
    }),
  ],
  'log key is a certificate': [
    'refused',
    () => byPolicy({}, { rekorPublicKeyData: base64(certificate({ key: log }).pem) }),
  ],
  'log key is a private key': [
    'refused',
    () => byPolicy({}, { rekorPublicKeyData: base64(log.privateKey.export({ type: 'pkcs8', format: 'pem' })) }),
  ],
  'promise of another body': ['refused', () => changed({ instead: entry => ({ ...entry, body: base64('{}') }) })],
  'promise of another time': ['refused', () => changed({ instead: entry => ({ ...entry, integratedTime: now - 1 }) })],
  'promise in another order': [
    'accepted',
    () => changed({ instead: entry => Object.fromEntries(Object.entries(entry).reverse()) }),
  ],
  'promise with more': ['refused', () => changed({ entry: entry => ({ ...entry, more: 1 }) })],
  'promise with less': ['refused', () => changed({ entry: ({ logID: _, ...entry }) => entry })],
  'bundle with more': ['refused', () => changed({ bundle: bundle => ({ ...bundle, more: 1 }) })],
  'bundle that is none': ['refused', () => changed({ bundle: () => [] })],
  'time of the log as a fraction': [
    'refused',
    () => changed({ entry: entry => ({ ...entry, integratedTime: now + 0.5 }) }),
  ],
  'time of the log as text': [
    'refused',
    () => changed({ entry: entry => ({ ...entry, integratedTime: String(now) }) }),
  ],
  'index as text': ['refused', () => changed({ entry: entry => ({ ...entry, logIndex: '1' }) })],
  'record with more': ['accepted', () => changed({ record: record => ({ ...record, more: 1 }) })],
  'spec with more': [
    'accepted',
    () => changed({ record: record => ({ ...record, spec: { ...record.spec, more: 1 } }) }),
  ],
  'record of another kind': ['refused', () => changed({ record: record => ({ ...record, kind: 'rekord' }) })],
  'record of another version': ['refused', () => changed({ record: record => ({ ...record, apiVersion: '0.0.2' }) })],
  'record of another payload': [
    'refused',
    () =>
      changed({
        record: record => ({
          ...record,
          spec: { ...record.spec, data: { hash: { algorithm: 'sha256', value: 'ab'.repeat(32) } } },
        }),
      }),
  ],
  'record by another algorithm': [
    'refused',
    () =>
      changed({
        record: record => ({
          ...record,
          spec: { ...record.spec, data: { hash: { ...record.spec.data.hash, algorithm: 'sha512' } } },
        }),
      }),
  ],
  'record with its digest in upper case': [
    'accepted',
    () =>
      changed({
        record: record => ({
          ...record,
          spec: {
            ...record.spec,
            data: { hash: { ...record.spec.data.hash, value: record.spec.data.hash.value.toUpperCase() } },
          },
        }),
      }),
  ],
  'record of another signature': [
    'refused',
    () =>
      changed({
        record: record => ({
          ...record,
          spec: { ...record.spec, signature: { ...record.spec.signature, content: base64('x') } },
        }),
      }),
  ],
  'record of another certificate': ['refused', () => changed({ holder: () => leaf().pem })],
  'record of the bare key': [
    'refused',
    () => {
      const holder = leaf()
      return byFulcio(holder, { holder: () => publicPem(holder.key) })
    },
  ],
  'record of the certificate by another label': [
    'accepted',
    () => changed({ holder: text => text.replaceAll('CERTIFICATE', 'PAPER') }),
  ],
  'record of the certificate with text behind': ['refused', () => changed({ holder: text => `${text}x` })],
  'record of the certificate with a line behind': ['refused', () => changed({ holder: text => `${text}\n` })],
  'record of the certificate with text before': ['accepted', () => changed({ holder: text => `x\n${text}` })],
  'record of the certificate twice': ['refused', () => changed({ holder: text => text + text })],
  'record of no certificate': ['refused', () => changed({ holder: () => 'x' })],
}

for (const [what, [verdict, make]] of Object.entries(cases)) test(`${what}: ${verdict}`, verdictOf(verdict, make))
