import { readFile } from 'node:fs/promises'
import { gpgSigner, loadSigstoreSigner, readCosignKey, type Signer, sigstoreSigner } from '@libpod/image'
import type { SigningOptions } from './images.ts'

/** The signers that the options ask for. @throws ImageError SIGNING_FAILED when a key cannot be used */
export async function signersOf(options: SigningOptions): Promise<readonly Signer[]> {
  const { signBy, signBySigstoreKey, signBySigstore, passphrase } = options
  const secret = async (key: string): Promise<string> => (await passphrase?.(key)) ?? ''
  const signers: Signer[] = []
  if (signBySigstore !== undefined) signers.push(await loadSigstoreSigner(signBySigstore, secret))
  if (signBy !== undefined) signers.push(gpgSigner(signBy, await passphrase?.(signBy)))
  if (signBySigstoreKey !== undefined) {
    const pem = await readFile(signBySigstoreKey, 'utf8')
    signers.push(sigstoreSigner(readCosignKey(pem, await secret(signBySigstoreKey))))
  }
  return signers
}
