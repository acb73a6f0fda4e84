import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import type { AccessOptions } from '../transport.ts'
import { proxyFor } from './proxy.ts'
import { type TlsFiles, trustedAuthorities } from './tls-files.ts'

export type Response = Dispatcher.ResponseData

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  /** `token`: to a token server. On another host than the registry's its certificate is checked in any case. */
  readonly purpose?: 'token'
}

/** Sends single requests by one set of TLS rules; follows nothing and adds nothing. */
export interface HttpClient extends AsyncDisposable {
  send(url: URL, request: HttpRequest): Promise<Response>
}

export interface HttpRules {
  /** The server that the rules are about, `host[:port]`. */
  readonly host: string
  readonly tls: TlsFiles
  readonly verify: 'yes' | 'no'
  readonly access: AccessOptions
}

/**
 * Connections of one registry. Certificates are checked whatever the environment says, unless `verify` is no; that
 * goes for the registry's own host and what it redirects to, not for token servers elsewhere (CVE-2019-10214).
 * Client certificates are shown to the registry alone.
 */
export async function openHttp(rules: HttpRules): Promise<HttpClient> {
  const { Agent, ProxyAgent } = await import('undici')
  const kinds = new Map<string, Promise<Dispatcher>>()
  const env = rules.access.env ?? process.env
  const open = async (kind: Kind): Promise<Dispatcher> => {
    const tls = await connection(rules, kind)
    // Blobs come side by side, each on a connection of its own.
    const common = { allowH2: false, bodyTimeout: 120_000, headersTimeout: 120_000 }
    const { proxy } = kind
    if (proxy === undefined) return new Agent({ connect: { ...tls, timeout: 30_000 }, ...common })
    return new ProxyAgent({
      ...{ uri: proxy, requestTls: tls, proxyTls: { allowH2: false } },
      ...{ proxyTunnel: false, connectTimeout: 30_000, ...common },
    })
  }
  const dispatcherFor = (url: URL, purpose: 'token' | undefined): Promise<Dispatcher> => {
    const kind = { ...judge(url, purpose, rules), proxy: proxyFor(url, env) }
    const key = JSON.stringify(kind)
    const known = kinds.get(key) ?? open(kind)
    kinds.set(key, known)
    return known
  }
  return {
    send: async (url, { purpose, method, headers, body, signal }) =>
      (await dispatcherFor(url, purpose)).request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        headers,
        body: (body as string | Uint8Array | undefined) ?? null,
        // Undici would close the connection, for fear of servers that answer with a body.
        ...(method === 'HEAD' && { reset: false }),
        ...(signal !== undefined && { signal }),
      }),
    [Symbol.asyncDispose]: async () => {
      for (const dispatcher of await Promise.allSettled(kinds.values()))
        if (dispatcher.status === 'fulfilled') await dispatcher.value.destroy()
    },
  }
}

interface Kind {
  readonly scheme: string
  readonly verify: 'yes' | 'no'
  readonly certificates: 'shown' | 'kept'
  readonly proxy: string | undefined
}

function judge(url: URL, purpose: 'token' | undefined, { host, verify }: HttpRules): Omit<Kind, 'proxy'> {
  const home = new URL(`${url.protocol}//${host}`)
  const elsewhere = purpose === 'token' && url.hostname !== home.hostname
  return {
    scheme: url.protocol,
    verify: elsewhere ? 'yes' : verify,
    certificates: url.host === home.host ? 'shown' : 'kept',
  }
}

interface TlsChoice {
  readonly rejectUnauthorized?: boolean
  readonly secureContext?: SecureContext
}

async function connection({ tls, access }: HttpRules, kind: Kind): Promise<TlsChoice> {
  if (kind.scheme !== 'https:') return {}
  const rejectUnauthorized = kind.verify === 'yes'
  const { createSecureContext } = await import('node:tls')
  const authorities = rejectUnauthorized ? [...(await trustedAuthorities(access)), ...tls.ca] : []
  const pairs = kind.certificates === 'shown' ? tls.pairs : []
  const secureContext = createSecureContext({
    ...(rejectUnauthorized && { ca: authorities }),
    ...(pairs.length > 0 && { cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) }),
  })
  return { rejectUnauthorized, secureContext }
}
