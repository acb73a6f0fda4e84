import { ImageError } from '../../errors.ts'
import { shapeProblem } from '../../schema/shape.ts'
import type { Credentials } from '../transport.ts'
import { readBody } from './body.ts'
import type { Challenge } from './challenge.ts'
import type { HttpClient, HttpRequest } from './http.ts'
import { judgeRealm } from './realm.ts'
import { registryError } from './registry-error.ts'
import { type RetryPlan, retrying } from './retry.ts'

const maximumToken = 1024 * 1024
const shortestLife = 60
const clientId = 'containers/image'

export interface Token {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

export interface TokenRequest {
  readonly challenge: Challenge
  readonly scopes: readonly string[]
  readonly registry: URL
  readonly credentials: Credentials | undefined
  readonly userAgent: string
  readonly plan: RetryPlan
  /** Hosts the user lets have credentials, though they are of another domain. */
  readonly trustedHosts: readonly string[]
  readonly signal?: AbortSignal
}

export const basicAuthorization = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Asks the realm of a Bearer challenge for a token (distribution docs/spec/auth/token.md). Redirects are not followed. */
export async function fetchToken(http: HttpClient, request: TokenRequest): Promise<Token> {
  const { parameters } = request.challenge
  const realm = parameters.get('realm')
  if (realm === undefined)
    throw new ImageError('REGISTRY_ERROR', `registry ${request.registry.host} names no token server`)
  const { url, trust } = judgeRealm(realm, request.registry, request.trustedHosts)
  const credentials = trust === 'credentials' ? request.credentials : undefined
  const call = credentials?.identityToken ? refresh(request, credentials.identityToken) : ask(request, url, credentials)
  const signal = request.signal === undefined ? {} : { signal: request.signal }
  const response = await retrying(() => http.send(url, { ...call, purpose: 'token', ...signal }), request.plan)
  if (response.statusCode !== 200) throw await refusal(response, credentials)
  return readToken(await readBody(response.body, maximumToken, `token reply of ${url.host}`), url.host)
}

type Reply = Awaited<ReturnType<HttpClient['send']>>

async function refusal(response: Reply, credentials: Credentials | undefined): Promise<ImageError> {
  const doing =
    response.statusCode === 401 && credentials !== undefined
      ? 'unable to retrieve auth token: invalid username/password'
      : 'requesting bearer token'
  return registryError(response, doing, 'UNAUTHORIZED')
}

function ask(request: TokenRequest, url: URL, credentials: Credentials | undefined): HttpRequest {
  const service = request.challenge.parameters.get('service')
  if (credentials !== undefined) url.searchParams.set('account', credentials.username)
  if (service !== undefined && service !== '') url.searchParams.set('service', service)
  for (const scope of request.scopes) url.searchParams.append('scope', scope)
  const authorization = credentials === undefined ? {} : { authorization: basicAuthorization(credentials) }
  return { method: 'GET', headers: { 'user-agent': request.userAgent, ...authorization } }
}

function refresh(request: TokenRequest, identityToken: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: identityToken, client_id: clientId })
  const service = request.challenge.parameters.get('service')
  if (service !== undefined) form.set('service', service)
  if (request.scopes.length > 0) form.set('scope', request.scopes.join(' '))
  const headers = { 'user-agent': request.userAgent, 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', headers, body: form.toString() }
}

function readToken(body: Buffer, host: string): Token {
  const reply = parse(body, host)
  const value = reply.token || reply.access_token || ''
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new ImageError('REGISTRY_ERROR', `token server ${host} sent no usable token`)
  }
  const life = Math.max(reply.expires_in ?? 0, shortestLife)
  return { value, expires: Date.now() + life * 1000 }
}

interface TokenReply {
  readonly token?: string | null
  readonly access_token?: string | null
  readonly expires_in?: number | null
}

function parse(body: Buffer, host: string): TokenReply {
  try {
    const reply: unknown = JSON.parse(body.toString('utf8'))
    if (shapeProblem('isTokenReply', reply) === undefined) return reply as TokenReply
  } catch {}
  throw new ImageError('REGISTRY_ERROR', `token server ${host} did not answer as token servers do`)
}
