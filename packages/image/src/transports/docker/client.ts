import { channel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../../call.ts'
import { findCredentials } from '../../credentials/find.ts'
import { ImageError } from '../../errors.ts'
import { defaultDomain } from '../../reference/docker-reference.ts'
import type { AccessOptions, Credentials } from '../transport.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type HttpClient, loadTlsFiles, openHttp, type Response } from './http.ts'
import { retryPause } from './retry.ts'
import { basicAuthorization, fetchToken, type Token } from './tokens.ts'

/** The well-known registry answers under another host than its name. */
const apiHosts: Readonly<Record<string, string>> = { [defaultDomain]: 'registry-1.docker.io' }
const maximumRedirects = 5
const trace = channel('libpod.image.request')

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Further repositories the token must also be good for, as `repository:name:pull`. */
  readonly scopes?: readonly string[]
}

export interface ClientOptions {
  readonly host: string
  /** The repository worked on; '' for the registry as a whole. */
  readonly repository: string
  readonly actions: 'pull' | 'pull,push' | '*'
  readonly access: AccessOptions
  /** What tells in registries.conf: `yes` when nothing was said on the command line. */
  readonly insecure: 'yes' | 'no'
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
    const retries = this.options.access.retries ?? 3
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#authorized(url, request, call).catch((error: unknown) => ({ error }))
      const again = typeof request.body !== 'object' || request.body instanceof Uint8Array
      const pause =
        again && attempt < retries ? retryPause(outcome, attempt, this.options.access.retryDelay) : undefined
      if (pause === undefined) {
        if ('error' in outcome) throw outcome.error
        return outcome
      }
      if (!('error' in outcome)) await outcome.body.dump().catch(() => undefined)
      await sleep(pause, undefined, call.signal && { signal: call.signal })
    }
  }

  async #authorized(url: URL, request: RegistryRequest, call: Call): Promise<Response> {
    const scopes = this.#scopes(request)
    const first = await this.#follow(url, request, await this.#authorization(scopes, call), call)
    if (first.statusCode !== 401 || !this.isHome(url)) return first
    const challenge = bearer(parseChallenges(header(first, 'www-authenticate')))
    const replayable = typeof request.body !== 'object' || request.body instanceof Uint8Array
    if (challenge === undefined || !replayable) return first
    await first.body.dump()
    const more = challenge.parameters.get('scope')?.split(' ').filter(Boolean) ?? []
    const wider = [...new Set([...scopes, ...more])]
    this.#tokens.delete(wider.join(' '))
    return this.#follow(url, request, await this.#authorization(wider, call, challenge), call)
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
      ...(call.signal !== undefined && { signal: call.signal }),
    })
    this.#tokens.set(key, token)
    token.catch(() => this.#tokens.delete(key))
    return token
  }

  /** One request and its redirects; authorization is judged anew for every address. */
  async #follow(start: URL, request: RegistryRequest, authorization: string, call: Call): Promise<Response> {
    let url = start
    for (let hop = 0; hop <= maximumRedirects; hop++) {
      const response = await this.#once(url, request, authorization, call)
      const location = header(response, 'location')
      const follows = request.method === 'GET' || request.method === 'HEAD'
      if (!follows || location === '' || ![301, 302, 303, 307, 308].includes(response.statusCode)) return response
      await response.body.dump()
      url = this.#redirected(new URL(location, url), url)
    }
    throw new ImageError('REGISTRY_ERROR', `registry ${this.host} redirects too often`)
  }

  #redirected(to: URL, from: URL): URL {
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

interface Opened {
  readonly http: HttpClient
  readonly base: URL
  readonly challenges: readonly Challenge[]
  readonly signatures: 'extension' | 'none'
}

/** Tries https, and where bad TLS is tolerated plain http after it. */
async function openRegistry(options: ClientOptions, call: Call): Promise<Opened> {
  const { access, host } = options
  const tolerant = access.tlsVerify === undefined ? options.insecure === 'yes' : access.tlsVerify === 'no'
  const http = await openHttp(await loadTlsFiles(host, access), tolerant ? 'no' : 'yes')
  const failures: unknown[] = []
  for (const scheme of tolerant ? ['https', 'http'] : ['https']) {
    const base = new URL(`${scheme}://${apiHosts[host] ?? host}/v2/`)
    try {
      return await ping(http, base, options, call)
    } catch (error) {
      failures.push(error)
      if (call.signal?.aborted || (error instanceof ImageError && error.code !== 'REGISTRY_UNREACHABLE')) break
    }
  }
  await http[Symbol.asyncDispose]()
  call.signal?.throwIfAborted()
  throw failures.at(-1)
}

async function ping(http: HttpClient, base: URL, { host, access }: ClientOptions, call: Call): Promise<Opened> {
  const headers = { 'user-agent': userAgent(access) }
  const signal = call.signal === undefined ? {} : { signal: call.signal }
  const response = await http.send(base, { method: 'GET', headers, ...signal }).catch((cause: unknown) => {
    throw unreachable(`pinging container registry ${host}: Get "${base.href}"`, cause)
  })
  const { statusCode } = response
  await response.body.dump().catch(() => undefined)
  if (statusCode !== 200 && statusCode !== 401) {
    throw new ImageError('REGISTRY_UNREACHABLE', `pinging container registry ${host}: StatusCode: ${statusCode}`, {
      status: statusCode,
    })
  }
  const challenges = statusCode === 401 ? parseChallenges(header(response, 'www-authenticate')) : []
  const signatures = header(response, 'x-registry-supports-signatures') === '1' ? 'extension' : 'none'
  return { http, base, challenges, signatures }
}

function unreachable(doing: string, cause: unknown): ImageError {
  const { message, code } = cause as { message?: string; code?: string }
  const words = code === 'ECONNREFUSED' ? 'connection refused' : message || code || String(cause)
  return new ImageError('REGISTRY_UNREACHABLE', `${doing}: ${words}`, { cause })
}

const bearer = (challenges: readonly Challenge[]): Challenge | undefined =>
  challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))

/** One header's first value, '' when absent. */
export function header(response: Response, name: string): string {
  const value = response.headers[name]
  return (Array.isArray(value) ? value.join(', ') : value) ?? ''
}

const userAgent = (access: AccessOptions): string => access.userAgent ?? 'libpod-image/0.1.0'
