import { type Digest, digestHex } from '../../digest.ts'

/** File names of the format (containers-transports(5), dir). */
export const versionFile = 'version'
export const versionText = 'Directory Transport Version: 1.1\n'

/** sha256 goes without saying. */
const stem = (digest: Digest): string => (digest.startsWith('sha256:') ? digestHex(digest) : digest.replace(':', '-'))

export const blobFile = (digest: Digest): string => stem(digest)
export const manifestFile = (instance?: Digest): string =>
  instance === undefined ? 'manifest.json' : `${stem(instance)}.manifest.json`
export const signatureFile = (number: number, instance?: Digest): string =>
  instance === undefined ? `signature-${number}` : `${stem(instance)}.signature-${number}`
