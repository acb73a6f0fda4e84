import { readFile } from 'node:fs/promises'
import { ImageError } from '../errors.ts'
import { readCosignKey } from './cosign-key.ts'
import type { Signer } from './signer.ts'
import { sigstoreSigner } from './sigstore.ts'

/** Asks the user for the passphrase of a key file. */
export type AskPassphrase = (keyFile: string) => Promise<string>

/**
 * The signer that a containers-sigstore-signing-params.yaml(5) file describes. Its key may be logged in Rekor; getting a
 * certificate from Fulcio needs a login with an identity provider, which this package does not do.
 * @throws ImageError SIGNING_FAILED
 */
export async function loadSigstoreSigner(path: string, ask: AskPassphrase): Promise<Signer> {
  const parameters = await readParameters(path)
  if (parameters.fulcio !== undefined)
    throw failed(path, 'fulcio: signing with a certificate made for the moment is not supported; use privateKeyFile')
  const keyFile = text(parameters, 'privateKeyFile', path)
  if (keyFile === undefined) throw failed(path, 'missing required field privateKeyFile or fulcio')
  const passphraseFile = text(parameters, 'privateKeyPassphraseFile', path)
  const passphrase = passphraseFile === undefined ? await ask(keyFile) : await readPassphraseFile(passphraseFile)
  const key = readCosignKey(await readFile(keyFile, 'utf8'), passphrase)
  const rekor = text(parameters, 'rekorURL', path)
  return sigstoreSigner(key, rekor === undefined ? {} : { rekor: new URL(rekor) })
}

/** The first line of a passphrase file, as gpg reads it. */
export async function readPassphraseFile(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).split('\n', 1)[0] ?? ''
}

const known = ['privateKeyFile', 'privateKeyPassphraseFile', 'fulcio', 'rekorURL']

async function readParameters(path: string): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml')
  const source = await readFile(path, 'utf8')
  const parameters = parsed(() => parse(source), path)
  for (const key of Object.keys(parameters)) {
    if (!known.includes(key)) throw failed(path, `field ${key} not found`)
  }
  return parameters
}

function parsed(parse: () => unknown, path: string): Record<string, unknown> {
  try {
    const found = parse()
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Record<string, unknown>
  } catch (cause) {
    throw failed(path, (cause as Error).message)
  }
  throw failed(path, 'it is not a list of parameters')
}

function text(parameters: Record<string, unknown>, key: string, path: string): string | undefined {
  const value = parameters[key]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw failed(path, `${key} must be a string`)
  return value
}

const failed = (path: string, why: string): ImageError =>
  new ImageError('SIGNING_FAILED', `parsing ${JSON.stringify(path)}: ${why}`, { subject: path })
