import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../../errors.ts'
import type { AccessOptions } from '../transport.ts'

/** What a certs.d directory holds for one registry. */
export interface TlsFiles {
  readonly ca: readonly Buffer[]
  readonly pairs: readonly { readonly cert: Buffer; readonly key: Buffer }[]
}

/** Where a registry's certificates may lie: the first directory that exists counts (containers-certs.d(5)). */
function certificateDirectories(host: string, access: AccessOptions): readonly string[] {
  if (access.certDir !== undefined) return [access.certDir]
  const home = (access.env ?? process.env).HOME ?? homedir()
  return [
    join(home, '.config/containers/certs.d', host),
    join('/etc/containers/certs.d', host),
    join('/etc/docker/certs.d', host),
  ]
}

/** Reads `*.crt` as authorities and `X.cert` with `X.key` as client pairs. @throws ImageError CREDENTIALS_INVALID */
export async function loadTlsFiles(host: string, access: AccessOptions): Promise<TlsFiles> {
  for (const directory of certificateDirectories(host, access)) {
    const names = await readdir(directory).catch(() => undefined)
    if (names !== undefined) return readTlsFiles(directory, names.sort())
  }
  return { ca: [], pairs: [] }
}

async function readTlsFiles(directory: string, names: readonly string[]): Promise<TlsFiles> {
  const missing = (name: string, other: string): ImageError =>
    new ImageError('CREDENTIALS_INVALID', `missing ${other} for ${name} in ${directory}`, {
      hint: 'CA certificates must end in .crt, client certificates in .cert with a .key beside them',
    })
  for (const name of names) {
    if (name.endsWith('.key') && !names.includes(name.replace(/key$/, 'cert'))) {
      throw missing(`key ${name}`, `client certificate ${name.replace(/key$/, 'cert')}`)
    }
  }
  const read = (name: string): Promise<Buffer> => readFile(join(directory, name))
  const pairs = names
    .filter(name => name.endsWith('.cert'))
    .map(async name => {
      const key = name.replace(/cert$/, 'key')
      if (!names.includes(key)) throw missing(`client certificate ${name}`, `key ${key}`)
      return { cert: await read(name), key: await read(key) }
    })
  return {
    ca: await Promise.all(names.filter(name => name.endsWith('.crt')).map(read)),
    pairs: await Promise.all(pairs),
  }
}

/** Where systems keep their authorities in one file; the first that exists counts, as for Go's programs. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The authorities a certificate may come from: the system's (SSL_CERT_FILE names another file), else Node's own. What
 * NODE_EXTRA_CA_CERTS adds is not among them.
 */
export async function trustedAuthorities(access: AccessOptions): Promise<readonly string[]> {
  const told = (access.env ?? process.env).SSL_CERT_FILE
  for (const path of told ? [told] : systemFiles) {
    const text = await readFile(path, 'latin1').catch(() => '')
    if (text.includes('-----BEGIN CERTIFICATE-----')) return [text]
  }
  const { getCACertificates, rootCertificates } = await import('node:tls')
  return process.platform === 'linux' ? rootCertificates : [...rootCertificates, ...getCACertificates('system')]
}
