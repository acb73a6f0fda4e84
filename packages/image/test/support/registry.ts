import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@libpod/test-kit'
import type { AccessOptions } from '../../src/index.ts'

export interface RunningRegistry extends AsyncDisposable {
  readonly host: string
  readonly port: number
}

export interface RegistryOptions {
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** A password file in the form of htpasswd, bcrypt. */
  readonly htpasswd?: string
}

/** Debian's docker-registry on loopback, its storage in `directory`. */
export async function startRegistry(directory: string, options: RegistryOptions = {}): Promise<RunningRegistry> {
  const port = await freePort()
  await mkdir(directory, { recursive: true })
  const config = join(directory, 'config.yml')
  await writeFile(config, JSON.stringify(configuration(join(directory, 'data'), port, options)))
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  const scheme = options.tls === undefined ? 'http' : 'https'
  await untilListening(child, `${scheme}://127.0.0.1:${port}/v2/`)
  return { host: `127.0.0.1:${port}`, port, [Symbol.asyncDispose]: () => stop(child) }
}

function configuration(rootdirectory: string, port: number, { tls, htpasswd }: RegistryOptions): object {
  return {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, ...(tls && { tls }) },
    ...(htpasswd !== undefined && { auth: { htpasswd: { realm: 'test', path: htpasswd } } }),
  }
}

async function untilListening(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`)
    const outcome = await fetch(url).then(
      () => 'up',
      (error: Error) => String((error.cause as { code?: string })?.code),
    )
    if (outcome !== 'ECONNREFUSED') return
    await sleep(50)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise(resolve => child.on('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Access that knows nothing of this machine's user: no credentials, no configuration, plain http allowed. */
export async function plainAccess(directory: string, more: AccessOptions = {}): Promise<AccessOptions> {
  await mkdir(directory, { recursive: true })
  const registriesConf = join(directory, 'registries.conf')
  await writeFile(registriesConf, '')
  const registriesDir = join(directory, 'registries.d')
  await mkdir(registriesDir, { recursive: true })
  const base = `file://${join(directory, 'signatures')}`
  await writeFile(join(registriesDir, 'default.yaml'), `default-docker:\n  lookaside: ${base}\n`)
  return {
    tlsVerify: 'no',
    registriesConf,
    registriesConfDir: join(directory, 'registries.conf.d'),
    registriesDir,
    authFile: join(directory, 'auth.json'),
    certDir: join(directory, 'certs'),
    shortNameAliasFile: join(directory, 'aliases.conf'),
    env: { HOME: directory, PATH: '/usr/bin:/bin' },
    retryDelay: 20,
    ...more,
  }
}
