import { createHash } from 'node:crypto'
import { ImageError } from '../errors.ts'
import { parseJson } from '../json/parse.ts'
import { isObject, Reader } from '../json/read.ts'
import { readBody } from '../transports/docker/body.ts'
import { openHttp } from '../transports/docker/http.ts'

/** What the log is told: the payload's digest, its signature and the public half of the key (PEM). */
export interface LogEntry {
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly publicKey: string
}

const maximumAnswer = 1024 * 1024

/**
 * Logs a signature in Rekor and gives the bundle annotation that proves it offline.
 * @throws ImageError SIGNING_FAILED
 */
export async function logSignature(server: URL, entry: LogEntry): Promise<string> {
  await using http = await openHttp({ host: server.host, tls: { ca: [], pairs: [] }, verify: 'yes', access: {} })
  const url = new URL('api/v1/log/entries', server.href.endsWith('/') ? server : `${server.href}/`)
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const request = { method: 'POST', headers, body: Buffer.from(JSON.stringify(proposal(entry))) } as const
  const response = await http.send(url, request).catch((cause: Error) => {
    throw failed(url, cause.message || 'it does not answer', cause)
  })
  const body = await readBody(response.body, maximumAnswer, `answer of ${url.href}`)
  if (response.statusCode !== 201)
    throw failed(
      url,
      `status ${response.statusCode}: ${JSON.stringify(Buffer.from(body).toString('utf8').slice(0, 200))}`,
    )
  return bundleOf(body, url)
}

function proposal({ payload, signature, publicKey }: LogEntry): object {
  const value = createHash('sha256').update(payload).digest('hex')
  const key = Buffer.from(publicKey).toString('base64')
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value } },
      signature: { content: Buffer.from(signature).toString('base64'), publicKey: { content: key } },
    },
  }
}

function bundleOf(body: Uint8Array, url: URL): string {
  const answer = parseJson(body, 'answer of Rekor')
  const [uuid, ...more] = isObject(answer) ? answer.keys() : []
  if (uuid === undefined || more.length > 0) throw failed(url, 'it holds not one entry')
  const entry = new Reader(answer, 'answer of Rekor', 'SIGNING_FAILED').get(uuid)
  return JSON.stringify({
    SignedEntryTimestamp: entry.get('verification').get('signedEntryTimestamp').string(),
    Payload: {
      body: entry.get('body').string(),
      integratedTime: entry.get('integratedTime').integer(),
      logIndex: entry.get('logIndex').integer(),
      logID: entry.get('logID').string(),
    },
  })
}

const failed = (url: URL, why: string, cause?: unknown): ImageError =>
  new ImageError('SIGNING_FAILED', `logging the signature at ${url.href}: ${why}`, { subject: url.href, cause })
