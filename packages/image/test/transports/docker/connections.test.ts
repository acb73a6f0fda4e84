import { hostileServer } from '@libpod/test-kit'
import test from 'ava'
import { openHttp } from '../../../src/transports/docker/http.ts'

test('connections that were asked whether a blob is there serve the next questions too', async t => {
  const ports = new Set<number | undefined>()
  const server = await hostileServer(t, (_, response) => {
    ports.add(response.socket?.remotePort)
    response.writeHead(404, { 'content-length': 20 }).end()
  })
  await using http = await openHttp({ host: server.host, tls: { ca: [], pairs: [] }, verify: 'yes', access: {} })
  for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) {
    const { statusCode, body } = await http.send(new URL(`http://${server.host}/v2/app/blobs/${name}`), {
      method: 'HEAD',
      headers: {},
    })
    t.is(statusCode, 404)
    await body.dump()
  }
  t.true(ports.size <= 2, `${ports.size} connections`) // an answer may still be ending while the next is asked for
})
