import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Teardown } from './temp-dir.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The name in the certificate that the client showed. */
  readonly shown: string | undefined
}

/** A server that writes down every request, whoever sends it. */
export interface HostileServer {
  readonly port: number
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly seen: SeenRequest[]
}

/** Answers a request; what it leaves undone is answered with 404. */
export type Behaviour = (request: SeenRequest, response: ServerResponse) => unknown

/** PEM texts. With `ca`, clients are asked for a certificate and need not have one. */
export interface ServerTls {
  readonly key: string
  readonly cert: string
  readonly ca?: string
}

/** A server on loopback that does as it is told and writes down what it was sent; it goes with the test. */
export async function hostileServer(t: Teardown, behave: Behaviour, tls?: ServerTls): Promise<HostileServer> {
  const seen: SeenRequest[] = []
  const listener = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message).catch(() => undefined)
    if (request === undefined) return
    seen.push(request)
    await behave(request, response)
    if (!response.headersSent && !response.writableEnded && !response.destroyed) response.writeHead(404).end()
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(secured(tls), listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => close(server))
  const { port } = server.address() as AddressInfo
  return { port, host: `127.0.0.1:${port}`, seen }
}

const secured = (tls: ServerTls) => ({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: false })

async function readRequest(message: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const { method = '', url: path = '', headers, socket } = message
  const peer = 'getPeerCertificate' in socket ? (socket as TLSSocket).getPeerCertificate() : undefined
  const name = peer?.subject?.CN
  const shown = Array.isArray(name) ? name.join() : name
  return { method, path, headers, body: Buffer.concat(chunks).toString('latin1'), shown }
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}
