import { ImageError } from '../errors.ts'
import { parseJson } from '../json/parse.ts'
import { Reader } from '../json/read.ts'
import { isNamespace, parseDockerReference } from '../reference/docker-reference.ts'
import { decodeBase64 } from './base64.ts'
import type { Identity, Material, Policy, Requirement, SigstoreSigned } from './policy.ts'
import { scopeProblem } from './policy-scopes.ts'

/**
 * Reads policy.json as strictly as it must be read: unknown keys, duplicate keys and missing parts are errors
 * (containers-policy.json(5)).
 * @throws ImageError POLICY_INVALID
 */
export function parsePolicy(bytes: Uint8Array | string): Policy {
  try {
    return readPolicy(new Reader(parseJson(bytes, 'policy'), 'policy', 'POLICY_INVALID'))
  } catch (cause) {
    throw new ImageError('POLICY_INVALID', `invalid policy: ${(cause as Error).message}`, { cause })
  }
}

function readPolicy(policy: Reader): Policy {
  policy.only(['default', 'transports'])
  const transports = policy.get('transports')
  const scopes = given(transports) ? mapOf(transports, readScopes) : new Map()
  return { default: readRequirements(policy.get('default')), transports: scopes }
}

/** A part that is null is there, and wrong: nobody means it to be left out. */
const given = ({ value }: Reader): boolean => value !== undefined

function readScopes(transport: Reader, name: string): Map<string, readonly Requirement[]> {
  return mapOf(transport, (requirements, scope) => {
    const problem = scopeProblem(name, scope)
    if (problem !== undefined) throw new ImageError('POLICY_INVALID', problem, { subject: scope })
    return readRequirements(requirements)
  })
}

function mapOf<T>(reader: Reader, read: (item: Reader, key: string) => T): Map<string, T> {
  return new Map([...reader.object().keys()].map(key => [key, read(reader.get(key), key)]))
}

function readRequirements(list: Reader): readonly Requirement[] {
  if (!list.present) list.fail('a list of requirements')
  const items = list.items()
  if (items.length === 0) list.fail('a list with at least one requirement')
  return items.map(readRequirement)
}

function readRequirement(item: Reader): Requirement {
  const type = item.get('type').string()
  if (type === 'insecureAcceptAnything' || type === 'reject') {
    item.only(['type'])
    return { type }
  }
  if (type === 'signedBy') return readSignedBy(item)
  if (type === 'sigstoreSigned') return readSigstoreSigned(item)
  if (type === 'signedBaseLayer') {
    const identity = item.only(['type', 'baseLayerIdentity']).get('baseLayerIdentity')
    return { type, baseLayerIdentity: given(identity) ? readIdentity(identity) : identity.fail('there') }
  }
  return item.get('type').fail(`a known requirement type, not ${JSON.stringify(type)}`)
}

const keyTypes = ['GPGKeys', 'signedByGPGKeys', 'X509Certificates', 'signedByX509CAs']

function readSignedBy(item: Reader): Requirement {
  item.only(['type', 'keyType', 'keyPath', 'keyPaths', 'keyData', 'signedIdentity'])
  const keyType = item.get('keyType').string()
  if (!keyTypes.includes(keyType)) item.get('keyType').fail('GPGKeys')
  const sources = ['keyPath', 'keyPaths', 'keyData']
  for (const key of sources) if (given(item.get(key)) && !isTold(item, key)) item.get(key).fail('there or left out')
  const keys = exactlyOne(item, materials(item, ...sources))
  return { type: 'signedBy', keyType, keys, signedIdentity: readIdentity(item.get('signedIdentity')) }
}

function readSigstoreSigned(item: Reader): SigstoreSigned {
  const rekor = ['rekorPublicKeyPath', 'rekorPublicKeyPaths', 'rekorPublicKeyData', 'rekorPublicKeyDatas']
  const own = ['keyPath', 'keyPaths', 'keyData', 'keyDatas']
  item.only(['type', ...own, 'fulcio', 'pki', ...rekor, 'signedIdentity'])
  const keyed = materials(item, ...own)
  const fulcio = item.get('fulcio')
  const pki = item.get('pki')
  const ways = keyed.length + Number(given(fulcio)) + Number(given(pki))
  if (ways !== 1) item.fail('one with exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, pki')
  const logs = materials(item, ...rekor)
  if (logs.length > 1) item.fail('one with at most one of the rekorPublicKey… keys')
  if (given(fulcio) && logs.length === 0) item.fail('one with a rekorPublicKey… beside fulcio')
  if (given(pki) && logs.length > 0) item.fail('one without rekorPublicKey… beside pki')
  return {
    type: 'sigstoreSigned',
    keys: keyed[0] ?? [],
    rekorKeys: logs[0] ?? [],
    signedIdentity: readIdentity(item.get('signedIdentity')),
    ...(given(fulcio) && { fulcio: readFulcio(fulcio) }),
    ...(given(pki) && { pki: readPki(pki) }),
  }
}

function readFulcio(fulcio: Reader): NonNullable<SigstoreSigned['fulcio']> {
  fulcio.only(['caPath', 'caData', 'oidcIssuer', 'subjectEmail'])
  const [ca] = exactlyOne(fulcio, materials(fulcio, 'caPath', 'caData'))
  if (ca === undefined) return fulcio.fail('one with caPath or caData')
  return { ca, oidcIssuer: nonEmpty(fulcio.get('oidcIssuer')), subjectEmail: nonEmpty(fulcio.get('subjectEmail')) }
}

function readPki(pki: Reader): NonNullable<SigstoreSigned['pki']> {
  const names = ['caRootsPath', 'caRootsData', 'caIntermediatesPath', 'caIntermediatesData']
  pki.only([...names, 'subjectHostname', 'subjectEmail'])
  const [roots] = exactlyOne(pki, materials(pki, 'caRootsPath', 'caRootsData'))
  const middle = materials(pki, 'caIntermediatesPath', 'caIntermediatesData')
  if (middle.length > 1) pki.fail('one with caIntermediatesPath or caIntermediatesData, not both')
  const intermediates = middle[0]?.[0]
  const host = pki.get('subjectHostname').stringOr('')
  const email = pki.get('subjectEmail').stringOr('')
  if (roots === undefined || (host === '' && email === '')) return pki.fail('one with roots and a subject')
  return {
    roots,
    ...(intermediates !== undefined && { intermediates }),
    ...(host !== '' && { subjectHostname: host }),
    ...(email !== '' && { subjectEmail: email }),
  }
}

function nonEmpty(reader: Reader): string {
  return reader.string() || reader.fail('a string that is not empty')
}

/** The key material under each of the keys that is there: `…Path`, `…Paths`, `…Data` (base64) or `…Datas`. */
function materials(item: Reader, ...keys: readonly string[]): readonly (readonly Material[])[] {
  return keys
    .filter(key => isTold(item, key))
    .map(key => {
      const value = item.get(key)
      const list = key.endsWith('s') ? value.items() : [value]
      if (list.length === 0) value.fail('a list with at least one entry')
      return list.map(entry => (/Paths?$/.test(key) ? { path: entry.string() } : { data: base64(entry) }))
    })
}

/** What is empty says nothing, but for a list, which must not be. */
function isTold(item: Reader, key: string): boolean {
  const value = item.get(key)
  return key.endsWith('s') ? given(value) : value.present && !(key.endsWith('Path') && value.value === '')
}

const base64 = (reader: Reader): Uint8Array => decodeBase64(reader.string()) ?? reader.fail('base64')

function exactlyOne(item: Reader, found: readonly (readonly Material[])[]): readonly Material[] {
  const [only, more] = found
  return only !== undefined && more === undefined ? only : item.fail('one with exactly one source of keys')
}

function readIdentity(identity: Reader): Identity {
  if (!given(identity)) return { type: 'matchRepoDigestOrExact' }
  const type = identity.get('type').string()
  switch (type) {
    case 'matchExact':
    case 'matchRepoDigestOrExact':
    case 'matchRepository':
      identity.only(['type'])
      return { type }
    case 'exactReference':
      return { type, dockerReference: readExactReference(identity.only(['type', 'dockerReference'])) }
    case 'exactRepository': {
      const name = identity.only(['type', 'dockerRepository']).get('dockerRepository').string()
      return { type, dockerRepository: parseDockerReference(name) }
    }
    case 'remapIdentity':
      return readRemap(identity.only(['type', 'prefix', 'signedPrefix']))
    default:
      return identity.get('type').fail('a known identity type')
  }
}

function readExactReference(identity: Reader): ReturnType<typeof parseDockerReference> {
  const reference = parseDockerReference(identity.get('dockerReference').string())
  if (reference.tag === undefined && reference.digest === undefined) {
    identity.get('dockerReference').fail('a reference with a tag or digest')
  }
  return reference
}

function readRemap(identity: Reader): Identity {
  const prefix = identity.get('prefix').string()
  const signedPrefix = identity.get('signedPrefix').string()
  for (const text of [prefix, signedPrefix]) {
    if (!isNamespace(text))
      identity.fail('one whose prefixes are a host, or the whole name of a namespace or repository')
  }
  return { type: 'remapIdentity', prefix, signedPrefix }
}
