import { once } from 'node:events'
import { fstatSync } from 'node:fs'
import { createServer } from 'node:net'
import test from 'ava'
import { assignPorts, reservePorts } from '../../src/networks/ports.ts'

type Held = Awaited<ReturnType<typeof reservePorts>>

const loopback = { hostIp: '127.0.0.1', containerPort: 80 } as const

test('a mapping without a host port gets free ones, in one piece', async t => {
  const [one, two, given] = await assignPorts([
    { ...loopback, protocol: 'tcp', range: 3 },
    { ...loopback, protocol: 'udp' },
    { ...loopback, protocol: 'tcp', hostPort: 8 },
  ])
  t.true((one?.hostPort ?? 0) > 1024)
  t.true((two?.hostPort ?? 0) > 1024)
  t.is(given?.hostPort, 8)
})

/** Free ports, held: another program may take one between finding and holding it, and then others are found. */
async function holdFreePorts(tries = 5): Promise<{ ports: Awaited<ReturnType<typeof assignPorts>>; held: Held }> {
  const ports = await assignPorts([
    { ...loopback, protocol: 'tcp', range: 2 },
    { ...loopback, protocol: 'udp' },
  ])
  try {
    return { ports, held: await reservePorts(ports) }
  } catch (error) {
    if (tries === 1) throw error
    return await holdFreePorts(tries - 1)
  }
}

test('reserved ports cannot be taken, and are free afterwards', async t => {
  const { ports, held: first } = await holdFreePorts()
  const port = ports[0]?.hostPort ?? 0
  {
    await using held = first
    t.is(held.fds.length, 3)
    t.true(held.fds.every(fd => fstatSync(fd).isSocket()))
    await t.throwsAsync(reservePorts(ports), {
      code: 'NETWORK_FAILED',
      message: `cannot listen on the TCP port: listen tcp4 127.0.0.1:${port}: bind: address already in use`,
    })
  }
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  t.pass()
})
