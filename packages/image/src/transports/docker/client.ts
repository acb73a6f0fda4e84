import { channel } from 'node:diagnostics_channel'
import type { Call } from '../../call.ts'
import { findCredentials } from '../../credentials/find.ts'
import { ImageError } from '../../errors.ts'
import type { Credentials } from '../transport.ts'
import { readBody } from './body.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type ClientOptions, header, type Opened, openRegistry, userAgent } from './front-page.ts'
import type { HttpClient, Response } from './http.ts'
import { isBrokenConnection, type RetryPlan, retrying, retryPlan } from './retry.ts'
import { basicAuthorization, fetchToken, type Token } from './tokens.ts'
import { unreachable } from './unreachable.ts'

const maximumRedirects = 5
const trace = channel('libpod.image.request')

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Further repositories the token must also be good for, as `repository:name:pull`. */
  readonly scopes?: readonly string[]
}

/**
 * Speaks to one registry on behalf of one repository. Credentials belong to the registry's origin: no other scheme,
 * host or port ever gets them, be it named by a redirect or an upload location.
 */
export class RegistryClient implements AsyncDisposable {
  readonly options: ClientOptions
  readonly #http: HttpClient
  readonly #base: URL
  readonly #challenges: readonly Challenge[]
  readonly #credentials: Credentials | undefined
  readonly #tokens = new Map<string, Promise<Token>>()
  /** What the registry's front page said about itself. */
  readonly signatures: 'extension' | 'none'

  private constructor(options: ClientOptions, open: Opened, credentials: Credentials | undefined) {
    this.options = options
    this.#http = open.http
    this.#base = open.base
    this.#challenges = open.challenges
    this.signatures = open.signatures
    this.#credentials = credentials
  }

  /** Finds out how the registry is reached and what it wants. @throws ImageError REGISTRY_UNREACHABLE, UNAUTHORIZED */
  static async open(options: ClientOptions, call: Call = {}): Promise<RegistryClient> {
    const key = options.repository === '' ? options.host : `${options.host}/${options.repository}`
    const credentials = await findCredentials(key, options.access)
    return new RegistryClient(options, await openRegistry(options, call), credentials)
  }

  get host(): string {
    return this.options.host
  }

  url(path: string): URL {
    return new URL(path, this.#base)
  }

  /** Whether `url` is the registry itself. */
  isHome(url: URL): boolean {
    return url.origin === this.#base.origin
  }

  /** Sends a request, retried while that makes sense; the answer may be any status but a retried one. */
  async send(target: string | URL, request: RegistryRequest, call: Call = {}): Promise<Response> {
    const url = typeof target === 'string' ? this.url(target) : target
    const send = (): Promise<Response> => this.#authorized(url, request, call)
    return isReplayable(request) ? retrying(send, this.#plan(call)) : send()
  }

  #plan(call: Call): RetryPlan {
    return retryPlan(this.options.access, call)
  }

  /**
   * Reads a document whole, at most `limit` bytes of it; a connection that breaks in the middle is like one that broke
   * before. An answer other than 200 is left unread. @throws ImageError SIZE_EXCEEDED
   */
  async read(target: string | URL, document: DocumentRequest, call: Call = {}): Promise<ReadDocument> {
    const { headers = {}, limit, what } = document
    const { retries } = this.#plan(call)
    for (let attempt = 0; ; attempt++) {
      const response = await this.send(target, { method: 'GET', headers }, call)
      if (response.statusCode !== 200) return { response }
      try {
        return { response, bytes: await readBody(response.body, limit, `${what} from registry ${this.host}`) }
      } catch (error) {
        call.signal?.throwIfAborted()
        if (!isBrokenConnection(error)) throw error
        if (attempt >= retries) throw unreachable(`reading ${what} from registry ${this.host}`, error)
      }
    }
  }

  async #authorized(url: URL, request: RegistryRequest, call: Call): Promise<Response> {
    const scopes = this.#scopes(request)
    const { response: first, from } = await this.#follow(url, request, await this.#authorization(scopes, call), call)
    // What another place demands, after a redirect, is not the registry's word (oras GHSA-vh4v-2xq2-g5cg).
    if (first.statusCode !== 401 || !this.isHome(from)) return first
    const challenge = bearer(parseChallenges(header(first, 'www-authenticate')))
    if (challenge === undefined || !isReplayable(request)) return first
    await first.body.dump()
    const more = challenge.parameters.get('scope')?.split(' ').filter(Boolean) ?? []
    const wider = [...new Set([...scopes, ...more])]
    this.#tokens.delete(wider.join(' '))
    return (await this.#follow(url, request, await this.#authorization(wider, call, challenge), call)).response
  }

  #scopes(request: RegistryRequest): readonly string[] {
    const { repository, actions } = this.options
    const own = repository === '' ? [] : [`repository:${repository}:${actions}`]
    return [...own, ...(request.scopes ?? [])]
  }

  async #authorization(scopes: readonly string[], call: Call, challenge = bearer(this.#challenges)): Promise<string> {
    if (this.options.access.registryToken !== undefined) return `Bearer ${this.options.access.registryToken}`
    if (challenge !== undefined) return `Bearer ${(await this.#token(challenge, scopes, call)).value}`
    const basic = this.#challenges.some(({ scheme }) => scheme === 'basic')
    return basic && this.#credentials !== undefined ? basicAuthorization(this.#credentials) : ''
  }

  async #token(challenge: Challenge, scopes: readonly string[], call: Call): Promise<Token> {
    const key = scopes.join(' ')
    const known = await this.#tokens.get(key)?.catch(() => undefined)
    if (known !== undefined && known.expires > Date.now() + 1000) return known
    const token = fetchToken(this.#http, {
      challenge,
      scopes,
      registry: this.#base,
      credentials: this.#credentials,
      userAgent: userAgent(this.options.access),
      plan: this.#plan(call),
      trustedHosts: this.options.access.tokenServers ?? [],
      ...(call.signal !== undefined && { signal: call.signal }),
    })
    this.#tokens.set(key, token)
    token.catch(() => this.#tokens.delete(key))
    return token
  }

  /** One request and its redirects; authorization is judged anew for every address. */
  async #follow(start: URL, request: RegistryRequest, authorization: string, call: Call): Promise<Followed> {
    let url = start
    for (let hop = 0; hop <= maximumRedirects; hop++) {
      const response = await this.#once(url, request, authorization, call)
      const location = header(response, 'location')
      const follows = request.method === 'GET' || request.method === 'HEAD'
      if (!follows || location === '' || ![301, 302, 303, 307, 308].includes(response.statusCode))
        return { response, from: url }
      await response.body.dump()
      url = this.#redirected(location, url)
    }
    throw new ImageError('REGISTRY_ERROR', `registry ${this.host} redirects too often`)
  }

  #redirected(location: string, from: URL): URL {
    if (!URL.canParse(location, from))
      throw new ImageError('REGISTRY_ERROR', `registry ${this.host} redirects to an invalid address`)
    const to = new URL(location, from)
    if (to.protocol !== 'https:' && to.protocol !== from.protocol) {
      throw new ImageError('FORBIDDEN', `registry ${this.host} redirects from ${from.protocol} to ${to.origin}`)
    }
    to.username = ''
    to.password = ''
    return to
  }

  async #once(url: URL, request: RegistryRequest, authorization: string, call: Call): Promise<Response> {
    trace.publish({ method: request.method, url: url.origin + url.pathname })
    const own = authorization !== '' && this.isHome(url) ? { authorization } : {}
    try {
      return await this.#http.send(url, {
        method: request.method,
        headers: { 'user-agent': userAgent(this.options.access), ...request.headers, ...own },
        ...(request.body !== undefined && { body: request.body }),
        ...(call.signal !== undefined && { signal: call.signal }),
      })
    } catch (cause) {
      call.signal?.throwIfAborted()
      throw unreachable(`${request.method} "${url.origin}${url.pathname}"`, cause)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]()
  }
}

interface Followed {
  readonly response: Response
  /** Where the answer came from in the end. */
  readonly from: URL
}

export interface DocumentRequest {
  readonly headers?: Readonly<Record<string, string>>
  /** In bytes. */
  readonly limit: number
  /** What is read, for messages. */
  readonly what: string
}

export interface ReadDocument {
  readonly response: Response
  /** Missing when the answer was not 200. */
  readonly bytes?: Buffer
}

/** Whether a request can be sent once more: a stream has been read by then. */
const isReplayable = ({ body }: RegistryRequest): boolean => typeof body !== 'object' || body instanceof Uint8Array

const bearer = (challenges: readonly Challenge[]): Challenge | undefined =>
  challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
