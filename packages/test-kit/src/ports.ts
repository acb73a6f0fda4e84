import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that the kernel gives to connections and to whoever asks for any (ip(7), ip_local_port_range). */
const [first, end] = [12_000, 32_000]

/**
 * A TCP port on which nobody listens on loopback at the moment, and that nobody is given by chance before it is used: tests
 * run beside each other.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, end)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}
