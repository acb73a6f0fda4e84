import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface HostileServer extends AsyncDisposable {
  readonly port: number
  readonly seen: SeenRequest[]
}

/** Answers a request; what it leaves undone is answered with 404. */
export type Behaviour = (request: SeenRequest, response: ServerResponse) => unknown

/** A server on loopback that does as it is told and writes down what it was sent. */
export async function hostileServer(
  behave: Behaviour,
  tls?: { readonly key: string; readonly cert: string },
): Promise<HostileServer> {
  const seen: SeenRequest[] = []
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', async () => {
      const { method = '', url: path = '', headers } = message
      const request = { method, path, headers, body: Buffer.concat(chunks).toString('latin1') }
      seen.push(request)
      await behave(request, response)
      if (!response.headersSent && !response.writableEnded) response.writeHead(404).end()
    })
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, seen, [Symbol.asyncDispose]: () => close(server) }
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}
