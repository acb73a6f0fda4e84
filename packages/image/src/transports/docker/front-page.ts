import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import { defaultDomain } from '../../reference/docker-reference.ts'
import type { AccessOptions } from '../transport.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type HttpClient, openHttp, type Response } from './http.ts'
import { retrying, retryPlan } from './retry.ts'
import { loadTlsFiles } from './tls-files.ts'
import { unreachable } from './unreachable.ts'

/** The well-known registry answers under another host than its name. */
const apiHosts: Readonly<Record<string, string>> = { [defaultDomain]: 'registry-1.docker.io' }

export interface ClientOptions {
  readonly host: string
  /** The repository worked on; '' for the registry as a whole. */
  readonly repository: string
  readonly actions: 'pull' | 'pull,push' | '*'
  readonly access: AccessOptions
  /** What tells in registries.conf: `yes` when nothing was said on the command line. */
  readonly insecure: 'yes' | 'no'
}

/** What a registry's front page (`/v2/`) tells. */
export interface Opened {
  readonly http: HttpClient
  readonly base: URL
  readonly challenges: readonly Challenge[]
  readonly signatures: 'extension' | 'none'
}

/** Finds the registry's front page. @throws ImageError REGISTRY_UNREACHABLE */
export async function openRegistry(options: ClientOptions, call: Call): Promise<Opened> {
  const { access, host } = options
  const tolerant = access.tlsVerify === undefined ? options.insecure === 'yes' : access.tlsVerify === 'no'
  const address = apiHosts[host] ?? host
  const http = await openHttp({
    host: address,
    tls: await loadTlsFiles(host, access),
    verify: tolerant ? 'no' : 'yes',
    access,
  })
  const bases = (tolerant ? ['https', 'http'] : ['https']).map(scheme => new URL(`${scheme}://${address}/v2/`))
  try {
    let found = bases[0]
    const response = await retrying(
      async () => {
        const [base, reply] = await firstAnswer(http, bases, options, call)
        found = base
        return reply
      },
      retryPlan(access, call),
    )
    return { http, ...(await readFrontPage(response, options)), base: found ?? bases[0] ?? new URL('/') }
  } catch (error) {
    await http[Symbol.asyncDispose]()
    call.signal?.throwIfAborted()
    throw error
  }
}

/** Tries https, and where bad TLS is tolerated plain http after it. */
async function firstAnswer(
  http: HttpClient,
  bases: readonly URL[],
  { host, access }: ClientOptions,
  call: Call,
): Promise<readonly [URL, Response]> {
  let failure: unknown
  for (const base of bases) {
    const headers = { 'user-agent': userAgent(access) }
    const signal = call.signal === undefined ? {} : { signal: call.signal }
    try {
      return [base, await http.send(base, { method: 'GET', headers, ...signal })]
    } catch (cause) {
      call.signal?.throwIfAborted()
      failure = unreachable(`pinging container registry ${host}: Get "${base.href}"`, cause)
    }
  }
  throw failure
}

async function readFrontPage(response: Response, { host }: ClientOptions): Promise<Omit<Opened, 'http' | 'base'>> {
  const { statusCode } = response
  await response.body.dump().catch(() => undefined)
  if (statusCode !== 200 && statusCode !== 401) {
    throw new ImageError('REGISTRY_UNREACHABLE', `pinging container registry ${host}: StatusCode: ${statusCode}`, {
      status: statusCode,
    })
  }
  const challenges = statusCode === 401 ? parseChallenges(header(response, 'www-authenticate')) : []
  const signatures = header(response, 'x-registry-supports-signatures') === '1' ? 'extension' : 'none'
  return { challenges, signatures }
}

/** One header's first value, '' when absent. */
export function header(response: Response, name: string): string {
  const value = response.headers[name]
  return (Array.isArray(value) ? value.join(', ') : value) ?? ''
}

export const userAgent = (access: AccessOptions): string => access.userAgent ?? 'libpod-image/0.1.0'
