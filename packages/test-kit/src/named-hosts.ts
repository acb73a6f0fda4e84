import { createServer, request as send } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Teardown } from './temp-dir.ts'

/** A proxy on loopback for which names stand for local ports, so that tests have hosts of several domains. */
export interface NamedHosts {
  /** For HTTP_PROXY and HTTPS_PROXY. */
  readonly proxy: string
  /** What was asked of it: `CONNECT host:port` or `GET http://host/path`, in order. */
  readonly asked: readonly string[]
}

/** `ports` by host name; other names are refused. */
export async function namedHosts(t: Teardown, ports: Readonly<Record<string, number>>): Promise<NamedHosts> {
  const asked: string[] = []
  const server = createServer((message, response) => {
    asked.push(`${message.method} ${message.url}`)
    const url = URL.canParse(message.url ?? '') ? new URL(message.url ?? '') : undefined
    const port = ports[url?.hostname ?? '']
    if (url === undefined || port === undefined) return void response.writeHead(502).end()
    const { method, headers } = message
    const target = { host: '127.0.0.1', port, method, headers, path: url.pathname + url.search }
    const onward = send(target, reply => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    onward.on('error', () => response.destroy())
    message.pipe(onward)
  })
  server.on('connect', (message, client) => {
    asked.push(`CONNECT ${message.url}`)
    const port = ports[(message.url ?? '').split(':')[0] ?? '']
    if (port === undefined) return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    for (const socket of [client, onward]) socket.on('error', () => [client, onward].map(one => one.destroy()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
