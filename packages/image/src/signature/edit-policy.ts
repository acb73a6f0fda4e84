import { readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { ImageError } from '../errors.ts'
import { type Json, type JsonObject, parseJson } from '../json/parse.ts'
import { isObject } from '../json/read.ts'
import { parsePolicy } from './parse-policy.ts'

/** What shall hold for one scope of docker://, or for everything that no scope speaks of (`default`). */
export interface PolicyEdit {
  readonly scope: string
  readonly type: 'accept' | 'insecureAcceptAnything' | 'reject' | 'signedBy' | 'sigstoreSigned'
  /** Public key files; an image must be signed by each of them. */
  readonly keyPaths: readonly string[]
}

/**
 * The text of a policy with one scope set; everything else in it stays. `text` undefined begins a new policy.
 * @throws ImageError POLICY_INVALID
 */
export function editPolicy(text: string | Uint8Array | undefined, edit: PolicyEdit): string {
  const policy = new Map(text === undefined ? [] : readObject(text))
  const requirements = requirementsOf(edit)
  if (edit.scope === 'default') policy.set('default', requirements)
  else {
    if (!policy.has('default')) throw invalid('default trust policy must be set')
    policy.set('transports', withScope(policy.get('transports'), edit.scope, requirements))
  }
  const edited = JSON.stringify(policy, asObject, 4)
  parsePolicy(edited)
  return edited
}

/** Edits the file at `path`, which need not be there; a link's target is edited. @throws ImageError POLICY_INVALID */
export async function setPolicy(path: string, edit: PolicyEdit): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const before = await readFile(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  await writeFile(`${target}.new`, editPolicy(before, edit), { mode: 0o644 }).catch(cause => {
    throw new ImageError('POLICY_INVALID', `cannot write ${target}: ${cause.message}`, { subject: path, cause })
  })
  await rename(`${target}.new`, target)
}

function readObject(text: string | Uint8Array): JsonObject {
  try {
    const policy = parseJson(text, 'policy')
    if (isObject(policy)) return policy
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ImageError('POLICY_INVALID', `could not read trust policies: ${why}`, { cause })
  }
  throw invalid('could not read trust policies')
}

function requirementsOf({ type, keyPaths }: PolicyEdit): Json {
  if (type === 'signedBy' || type === 'sigstoreSigned') {
    if (keyPaths.length === 0) throw invalid(`at least one public key must be defined for type '${type}'`)
    return keyPaths.map(keyPath => keyRequirement(type, keyPath))
  }
  if (keyPaths.length > 0) throw invalid(`${keyPaths.length} public keys unexpectedly provided for trust type ${type}`)
  return [new Map([['type', type === 'accept' ? 'insecureAcceptAnything' : type]])]
}

const keyRequirement = (type: string, keyPath: string): JsonObject =>
  new Map([['type', type], ...(type === 'signedBy' ? [['keyType', 'GPGKeys'] as const] : []), ['keyPath', keyPath]])

/** A scope that some transport has already is changed there; a new one is docker's. */
function withScope(transports: Json | undefined, scope: string, requirements: Json): JsonObject {
  const all = new Map(isObject(transports) ? transports : [])
  const holder = [...all].find(([, scopes]) => isObject(scopes) && scopes.has(scope))?.[0] ?? 'docker'
  const scopes = all.get(holder)
  const edited = new Map(isObject(scopes) ? scopes : []).set(scope, requirements)
  return inOrder(all.set(holder, inOrder(edited)))
}

const inOrder = (object: JsonObject): JsonObject => new Map([...object].sort(([a], [b]) => (a < b ? -1 : 1)))

/** For JSON.stringify: what was read as Maps, so that no key of a file meets a prototype, becomes objects again. */
const asObject = (_key: string, value: unknown): unknown => (value instanceof Map ? Object.fromEntries(value) : value)

const invalid = (why: string): ImageError => new ImageError('POLICY_INVALID', why)
