import { spawn } from 'node:child_process'
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { type Authority, makeAuthority, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { type AccessOptions, copyImage, insecureAcceptAnything, parseImageName, readImage } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { daemonAddress } from '../../src/transports/docker-daemon/address.ts'

test('where a Docker daemon listens, and by which rules', t => {
  const at = (access: AccessOptions) => daemonAddress({ env: {}, ...access })
  const [plain, origin] = [{ kind: 'plain', origin: 'http://h:1' }, 'https://h:1'] as const
  t.deepEqual(at({}), { kind: 'socket', path: '/var/run/docker.sock' })
  t.deepEqual(at({ env: { DOCKER_HOST: 'unix:///run/d.sock' } }), { kind: 'socket', path: '/run/d.sock' })
  t.deepEqual(at({ daemonHost: 'unix:///a', env: { DOCKER_HOST: 'tcp://h:1' } }), { kind: 'socket', path: '/a' })
  t.deepEqual(at({ daemonHost: 'http://h:1/' }), plain)
  t.deepEqual(at({ daemonHost: 'tcp://h:1' }), { kind: 'tls', origin })
  t.deepEqual(at({ daemonHost: 'https://h:1', certDir: '/c' }), { kind: 'tls', origin, directory: '/c' })
  t.deepEqual(at({ env: { DOCKER_HOST: 'tcp://h:1' } }), plain)
  const told = { DOCKER_HOST: 'tcp://h:1', DOCKER_CERT_PATH: '/p' }
  t.deepEqual(at({ env: told }), { kind: 'tls', origin, directory: '/p' })
  t.deepEqual(at({ env: told, certDir: '/c' }), { kind: 'tls', origin, directory: '/c' })
  const verify = { DOCKER_HOST: 'tcp://h:1', DOCKER_TLS_VERIFY: '1', HOME: '/home/me' }
  t.deepEqual(at({ env: verify }), { kind: 'tls', origin, directory: '/home/me/.docker' })
  for (const daemonHost of ['ssh://h', 'h:1', 'tcp://', ''])
    t.throws(() => at({ daemonHost }), { code: 'DAEMON_UNREACHABLE' }, daemonHost)
})

/** Something that speaks the Docker API: the real Podman's service; its socket. */
async function startDaemon(t: ExecutionContext, directory: string): Promise<string> {
  const socket = join(directory, 'daemon.sock')
  const places = ['root', 'runroot', 'tmpdir'].flatMap(name => [`--${name}`, join(directory, name)])
  const flags = [...places, '--storage-driver', 'vfs', '--events-backend', 'none']
  const service = spawn('podman', [...flags, 'system', 'service', '--time', '0', `unix://${socket}`], {
    stdio: 'ignore',
  })
  const ended = new Promise(resolve => service.once('exit', resolve))
  t.teardown(() => {
    service.kill('SIGKILL')
    return ended
  })
  while (service.exitCode === null && !(await stat(socket).catch(() => undefined))) await sleep(50)
  return socket
}

/** Loopback's port of a server that hands everything on to a socket. */
async function listening(t: ExecutionContext, server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const handOn =
  (path: string) =>
  (client: Socket): void => {
    const daemon = connect(path)
    for (const one of [client, daemon]) one.on('error', () => [client, daemon].forEach(each => void each.destroy()))
    client.pipe(daemon).pipe(client)
  }

/** What Docker's tools expect in a directory of certificates. */
async function certificates(directory: string, authority: Authority, client: string): Promise<string> {
  await mkdir(directory)
  const { certificate, key } = await authority.issue(client, `DNS:${client}`)
  for (const [from, name] of [
    [authority.certificate, 'ca.pem'],
    [certificate, 'cert.pem'],
    [key, 'key.pem'],
  ] as const)
    await copyFile(from, join(directory, name))
  return directory
}

test('a Docker daemon behind TLS is believed with its certificate, and sees ours; without, nothing is sent', async t => {
  t.timeout(120_000)
  const directory = await tempDir(t, 'daemon')
  const socket = await startDaemon(t, directory)
  for (const name of ['mine', 'other']) await mkdir(join(directory, `${name}-files`))
  const mine = await makeAuthority(join(directory, 'mine-files'))
  const other = await makeAuthority(join(directory, 'other-files'))
  const { certificate, key } = await mine.issue('daemon', 'IP:127.0.0.1')
  const [ca, cert, own] = await Promise.all([mine.certificate, certificate, key].map(path => readFile(path)))
  const server = createTlsServer({ ca: ca ?? '', cert: cert ?? '', key: own ?? '', requestCert: true }, handOn(socket))
  server.on('tlsClientError', () => {})
  const host = await listening(t, server)
  const certDir = await certificates(join(directory, 'mine'), mine, 'client')
  const wrongDir = await certificates(join(directory, 'other'), other, 'stranger')
  const image = randomImage({ seed: 'daemon' })
  const place = parseImageName('docker-daemon:localhost/daemon:1')
  const env = { HOME: directory }
  const push = (access: AccessOptions) =>
    copyImage(image, place, { policy: insecureAcceptAnything, destination: { env, ...access } })
  const daemonHost = `tcp://${host}`
  await t.throwsAsync(push({ daemonHost }), { code: 'DAEMON_UNREACHABLE' })
  await t.throwsAsync(push({ daemonHost, certDir: wrongDir }), { code: 'DAEMON_UNREACHABLE' })
  await t.throwsAsync(push({ daemonHost, certDir: wrongDir, tlsVerify: 'no' }), undefined, 'ours is not believed')
  await t.throwsAsync(push({ daemonHost, certDir: join(directory, 'none') }), { code: 'CREDENTIALS_INVALID' })
  await push({ daemonHost, certDir })
  const told = { ...env, DOCKER_HOST: daemonHost, DOCKER_CERT_PATH: certDir }
  t.deepEqual((await readImage(place, { access: { env: told } })).config, (await readImage(image)).config)
  await push({ daemonHost, certDir, tlsVerify: 'no' })
  const plain = await listening(t, createServer(handOn(socket)))
  await push({ daemonHost: `http://${plain}` })
  await push({ env: { ...env, DOCKER_HOST: `tcp://${plain}` } })
})
