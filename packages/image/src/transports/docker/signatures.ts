import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Call } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { manifestDigest, maximumManifestSize } from '../../manifest/manifest.ts'
import type { DockerReference } from '../../reference/docker-reference.ts'
import { findLookaside, maximumSignatures, signatureUrl, writeLookaside } from '../../signature/lookaside.ts'
import type { Signature, SigstoreSignature, SimpleSignature } from '../../signature/signature.ts'
import type { RawManifest } from '../transport.ts'
import { readAttachments, writeAttachments } from './attachments.ts'
import { readBody } from './body.ts'
import type { RegistryClient } from './client.ts'
import { openHttp } from './http.ts'
import { loadTlsFiles } from './tls-files.ts'

/** Every signature of a manifest: from the lookaside, and as attachments where registries.d says so. */
export async function readSignatures(
  client: RegistryClient,
  name: DockerReference,
  of: Digest | RawManifest,
  call?: Call,
): Promise<readonly Signature[]> {
  const digest = typeof of === 'string' ? of : manifestDigest(of.bytes, of.mediaType)
  const lookaside = await findLookaside(name, client.options.access)
  const simple = await readLookaside(client, { base: lookaside.read, name, digest }, call)
  const attached = lookaside.attachments === 'yes' ? await readAttachments(client, digest, call) : []
  return [...simple, ...attached]
}

interface Place {
  readonly base: URL
  readonly name: DockerReference
  readonly digest: Digest
}

async function readLookaside(client: RegistryClient, place: Place, call?: Call): Promise<readonly SimpleSignature[]> {
  const found: SimpleSignature[] = []
  for (let number = 1; ; number++) {
    const url = signatureUrl(place.base, place.name, place.digest, number)
    const bytes = url.protocol === 'file:' ? await readLocal(url) : await readRemote(client, url, call)
    if (bytes === undefined) return found
    if (number > maximumSignatures)
      throw new ImageError('SIZE_EXCEEDED', `${place.digest} has more than ${maximumSignatures} signatures`)
    found.push({ kind: 'simple', bytes })
  }
}

async function readLocal(url: URL): Promise<Uint8Array | undefined> {
  return readFile(fileURLToPath(url)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new ImageError('SIGNATURE_INVALID', `reading signature ${url.href}: ${cause.message}`, { cause })
  })
}

/** A lookaside server is asked without any credentials. */
async function readRemote(client: RegistryClient, url: URL, call?: Call): Promise<Uint8Array | undefined> {
  const { access } = client.options
  const tls = await loadTlsFiles(url.host, access)
  await using http = await openHttp({ host: url.host, tls, verify: 'yes', access })
  const signal = call?.signal === undefined ? {} : { signal: call.signal }
  const response = await http.send(url, { method: 'GET', headers: {}, ...signal })
  if (response.statusCode === 404) {
    await response.body.dump()
    return undefined
  }
  if (response.statusCode !== 200) {
    await response.body.dump()
    throw new ImageError('SIGNATURE_INVALID', `reading signature from ${url.href}: status ${response.statusCode}`)
  }
  return await readBody(response.body, maximumManifestSize, `signature ${url.href}`)
}

/** Adds signatures of a manifest where registries.d says they belong. */
export async function writeSignatures(
  client: RegistryClient,
  name: DockerReference,
  { digest, signatures }: { readonly digest: Digest; readonly signatures: readonly Signature[] },
  call?: Call,
): Promise<void> {
  const lookaside = await findLookaside(name, client.options.access)
  const simple = signatures.filter((one): one is SimpleSignature => one.kind === 'simple')
  const attached = signatures.filter((one): one is SigstoreSignature => one.kind === 'sigstore')
  if (simple.length > 0)
    await writeLookaside(
      lookaside.write,
      { name, digest },
      simple.map(({ bytes }) => bytes),
    )
  if (attached.length === 0) return
  if (lookaside.attachments === 'no') {
    throw new ImageError('SIGNING_FAILED', 'writing sigstore attachments is disabled by configuration', {
      hint: 'set use-sigstore-attachments: true in registries.d',
    })
  }
  await writeAttachments(client, name, { digest, signatures: attached }, call)
}
