import type { Json } from '../json/parse.ts'
import * as generated from './validators.generated.ts'

/** Documents whose shape is checked; what they mean is read afterwards. */
export type DocumentName =
  | 'isImage'
  | 'isIndex'
  | 'isAuthFile'
  | 'isAuths'
  | 'isHelperCredentials'
  | 'isStringMap'
  | 'isTokenReply'
  | 'isSearchReply'

interface Validator {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}

const validators = generated as unknown as Readonly<Record<DocumentName, Validator>>

/** What is wrong with a document's shape, and where (JSON pointer); undefined when nothing is. */
export function shapeProblem(name: DocumentName, value: unknown): string | undefined {
  const validator = validators[name]
  if (validator(value)) return undefined
  const { instancePath = '', message = 'is wrong' } = validator.errors?.[0] ?? {}
  return `${instancePath || 'the document'} ${message}`
}

/** A strictly parsed document as checkers want it: objects without a prototype. */
export function plainJson(value: Json): unknown {
  if (value instanceof Map) {
    const object: Record<string, unknown> = Object.create(null)
    for (const [key, item] of value) object[key] = plainJson(item)
    return object
  }
  return Array.isArray(value) ? value.map(plainJson) : value
}
