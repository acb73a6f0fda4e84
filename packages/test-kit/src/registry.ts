import { type ChildProcess, spawn } from 'node:child_process'
import { glob, mkdir, open, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type FixtureName, fixtureImage, pushFixtures } from './fixtures.ts'
import { freePort } from './ports.ts'
import { output, plainEnvironment } from './programs.ts'
import { type Teardown, tempDir } from './temp-dir.ts'

export interface RegistryOptions {
  readonly account?: { readonly username: string; readonly password: string }
  /** `https` makes a certificate of its own authority for 127.0.0.1. */
  readonly scheme?: 'http' | 'https'
  /** Manifests of docker's first schema are taken. */
  readonly schema1?: 'taken'
}

/** A registry on loopback, of Debian's package docker-registry. */
export interface Registry {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly url: string
  /** Where it keeps its blobs: `docker/registry/v2/blobs/…`. */
  readonly storage: string
  /** The authority's certificate, with https. */
  readonly certificate: string | undefined
  /** The full name of an image that buildah or skopeo pushed here; the first call makes them all. Plain http without account only. */
  fixture(name: FixtureName): Promise<string>
  /** Changes one byte in the middle of the largest blob that it keeps. */
  corruptLargestBlob(): Promise<void>
  stop(): Promise<void>
}

/** Starts an empty registry for one test; it goes with the test. */
export async function startRegistry(t: Teardown, options: RegistryOptions = {}): Promise<Registry> {
  const directory = await tempDir(t, 'registry')
  const storage = join(directory, 'storage')
  await mkdir(storage)
  const host = `127.0.0.1:${await freePort()}`
  const certificate = options.scheme === 'https' ? await makeCertificate(directory) : undefined
  const config = join(directory, 'config.yml')
  await writeFile(config, JSON.stringify(await configuration(directory, host, options)))
  const child = spawn('docker-registry', ['serve', config], {
    env: { ...plainEnvironment, OTEL_TRACES_EXPORTER: 'none' },
    stdio: 'ignore',
  })
  const ended = new Promise<void>(resolve => void child.once('exit', () => resolve()).once('error', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  t.teardown(stop)
  await listening(host, child)
  let pushed: Promise<void> | undefined
  const fixture = async (name: FixtureName): Promise<string> => {
    pushed ??= pushFixtures(join(directory, 'kitchen'), host)
    await pushed
    return fixtureImage(host, name)
  }
  const url = `${options.scheme ?? 'http'}://${host}`
  return { host, url, storage, certificate, fixture, corruptLargestBlob: () => corruptLargest(storage), stop }
}

async function corruptLargest(storage: string): Promise<void> {
  const files = await Array.fromAsync(glob('docker/registry/v2/blobs/sha256/*/*/data', { cwd: storage }))
  const sized = await Promise.all(
    files.map(async file => ({ file: join(storage, file), size: (await stat(join(storage, file))).size })),
  )
  const largest = sized.toSorted((one, other) => other.size - one.size)[0]
  if (!largest) throw new Error('the registry keeps no blob')
  await using handle = await open(largest.file, 'r+')
  const middle = Math.floor(largest.size / 2)
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, middle)
  await handle.write(Buffer.of((buffer[0] ?? 0) ^ 0xff), 0, 1, middle)
}

async function configuration(
  directory: string,
  host: string,
  { account, scheme, schema1 }: RegistryOptions,
): Promise<object> {
  return {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'storage') }, delete: { enabled: true } },
    http: {
      addr: host,
      secret: 'for tests',
      ...(scheme === 'https' && {
        tls: { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') },
      }),
    },
    ...(schema1 && { compatibility: { schema1: { enabled: true } } }),
    ...(account && { auth: { htpasswd: { realm: 'tests', path: await passwordFile(directory, account) } } }),
  }
}

async function passwordFile(
  directory: string,
  { username, password }: NonNullable<RegistryOptions['account']>,
): Promise<string> {
  const file = join(directory, 'htpasswd')
  await writeFile(file, await output('htpasswd', ['-Bbn', username, password]))
  return file
}

async function makeCertificate(directory: string): Promise<string> {
  const [key, certificate] = [join(directory, 'server.key'), join(directory, 'server.crt')]
  const subject = ['-subj', '/CN=registry for tests', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await output('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate])
  return certificate
}

async function listening(host: string, child: ChildProcess): Promise<void> {
  const [address = '', port = ''] = host.split(':')
  while (child.exitCode === null && child.pid !== undefined) {
    const open = await new Promise<boolean>(resolve => {
      const socket = connect(Number(port), address)
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await delay(25)
  }
  throw new Error(`docker-registry ended before it listened on ${host}`)
}
