import { ImageError, type ImageErrorCode } from '../../errors.ts'
import { quote, readBody } from './body.ts'
import type { Response } from './http.ts'

const maximumErrorBody = 1024 * 1024

interface Told {
  readonly code: string
  readonly message: string
}

/** What the codes' own messages are (distribution-spec): beside them the code says nothing more. */
const defaultWords = {
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  TOOMANYREQUESTS: 'too many requests',
  UNAVAILABLE: 'service unavailable',
  NAME_UNKNOWN: 'repository name not known to registry',
  BLOB_UNKNOWN: 'blob unknown to registry',
} as const

const codes: Readonly<Record<string, ImageErrorCode>> = {
  MANIFEST_UNKNOWN: 'MANIFEST_UNKNOWN',
  NAME_UNKNOWN: 'NAME_UNKNOWN',
  BLOB_UNKNOWN: 'BLOB_UNKNOWN',
  UNAUTHORIZED: 'UNAUTHORIZED',
  DENIED: 'FORBIDDEN',
  TOOMANYREQUESTS: 'TOO_MANY_REQUESTS',
  MANIFEST_INVALID: 'MANIFEST_REFUSED',
  // What docker-registry says to a manifest of a schema that has tags inside.
  TAG_INVALID: 'MANIFEST_REFUSED',
}
const statuses: Readonly<Record<number, ImageErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  415: 'MANIFEST_REFUSED',
  429: 'TOO_MANY_REQUESTS',
}

/** Turns an answer that is not a success into an error; `doing` begins its message, worded as the real tools do. */
export async function registryError(response: Response, doing: string, otherwise: ImageErrorCode): Promise<ImageError> {
  const body = await readBody(response.body, maximumErrorBody, 'error reply').catch(() => Buffer.alloc(0))
  const told = readErrors(body)
  const [first] = told
  const status = response.statusCode
  const code = (first && codeOf(first)) ?? statuses[status] ?? (status === 404 ? otherwise : 'REGISTRY_ERROR')
  return new ImageError(code, `${doing}: ${first ? first.message : fallback(status, body)}`, { status })
}

/** Some registries have no better word for a manifest without a media type of its own than that its JSON is invalid. */
function codeOf({ code, message }: Told): ImageErrorCode | undefined {
  return code === 'UNSUPPORTED' && message.includes('Invalid JSON syntax') ? 'MANIFEST_REFUSED' : codes[code]
}

function fallback(status: number, body: Buffer): string {
  if (status === 401) return defaultWords.UNAUTHORIZED
  if (status === 429) return 'toomanyrequests: too many requests to registry'
  const text = body.length === 0 ? '' : `: ${quote(body.toString('utf8'), 200)}`
  return `StatusCode: ${status}${text}`
}

function readErrors(body: Buffer): readonly Told[] {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: unknown }
    return Array.isArray(errors) ? errors.flatMap(readError) : []
  } catch {
    return []
  }
}

/** Codes are shown in words (`manifest unknown`) unless the message says the same. */
function readError(item: unknown): Told[] {
  if (typeof item !== 'object' || item === null) return []
  const { code, message } = item as { code?: unknown; message?: unknown }
  if (typeof code !== 'string') return []
  const words = code.toLowerCase().replaceAll('_', ' ')
  const said = typeof message === 'string' ? quote(message) : ''
  if (said !== '' && Object.values<string>(defaultWords).includes(said)) return [{ code, message: said }]
  return [{ code, message: said === '' || said === words ? quote(words) : `${quote(words)}: ${said}` }]
}
