import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Dispatcher } from 'undici'
import { ImageError } from '../../errors.ts'
import type { AccessOptions } from '../transport.ts'

export type Response = Dispatcher.ResponseData

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

/** Sends single requests with one set of TLS rules; follows nothing and adds nothing. */
export interface HttpClient extends AsyncDisposable {
  send(url: URL, request: HttpRequest): Promise<Response>
}

export interface TlsFiles {
  readonly ca: readonly Buffer[]
  readonly pairs: readonly { readonly cert: Buffer; readonly key: Buffer }[]
}

/** Connections of one registry. Certificates are checked whatever the environment says, unless `verify` is no. */
export async function openHttp(tls: TlsFiles, verify: 'yes' | 'no'): Promise<HttpClient> {
  const { EnvHttpProxyAgent, request: send } = await import('undici')
  const { rootCertificates } = await import('node:tls')
  const options = {
    rejectUnauthorized: verify === 'yes',
    ...(tls.ca.length > 0 && { ca: [...rootCertificates, ...tls.ca] }),
    ...(tls.pairs.length > 0 && { cert: tls.pairs.map(pair => pair.cert), key: tls.pairs.map(pair => pair.key) }),
  }
  const dispatcher = new EnvHttpProxyAgent({
    connect: { ...options, timeout: 30_000 },
    requestTls: options,
    bodyTimeout: 120_000,
    headersTimeout: 120_000,
  })
  return {
    send: (url, request) =>
      send(url, {
        dispatcher,
        method: request.method,
        headers: request.headers,
        body: (request.body as string | Uint8Array | undefined) ?? null,
        ...(request.signal !== undefined && { signal: request.signal }),
      }),
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  }
}

/** Where a registry's certificates may lie: the first directory that exists counts (interop C5). */
function certificateDirectories(host: string, access: AccessOptions): readonly string[] {
  if (access.certDir !== undefined) return [access.certDir]
  const home = (access.env ?? process.env).HOME ?? homedir()
  return [
    join(home, '.config/containers/certs.d', host),
    join('/etc/containers/certs.d', host),
    join('/etc/docker/certs.d', host),
  ]
}

/** Reads `*.crt` as authorities and `X.cert` with `X.key` as client pairs. @throws ImageError CREDENTIALS_INVALID */
export async function loadTlsFiles(host: string, access: AccessOptions): Promise<TlsFiles> {
  for (const directory of certificateDirectories(host, access)) {
    const names = await readdir(directory).catch(() => undefined)
    if (names !== undefined) return readTlsFiles(directory, names.sort())
  }
  return { ca: [], pairs: [] }
}

async function readTlsFiles(directory: string, names: readonly string[]): Promise<TlsFiles> {
  const missing = (name: string, other: string): ImageError =>
    new ImageError('CREDENTIALS_INVALID', `missing ${other} for ${name} in ${directory}`, {
      hint: 'CA certificates must end in .crt, client certificates in .cert with a .key beside them',
    })
  for (const name of names) {
    if (name.endsWith('.key') && !names.includes(name.replace(/key$/, 'cert'))) {
      throw missing(`key ${name}`, `client certificate ${name.replace(/key$/, 'cert')}`)
    }
  }
  const read = (name: string): Promise<Buffer> => readFile(join(directory, name))
  const pairs = names
    .filter(name => name.endsWith('.cert'))
    .map(async name => {
      const key = name.replace(/cert$/, 'key')
      if (!names.includes(key)) throw missing(`client certificate ${name}`, `key ${key}`)
      return { cert: await read(name), key: await read(key) }
    })
  return {
    ca: await Promise.all(names.filter(name => name.endsWith('.crt')).map(read)),
    pairs: await Promise.all(pairs),
  }
}
