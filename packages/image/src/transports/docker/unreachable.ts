import { ImageError } from '../../errors.ts'

/** An error of a request that got no answer, in the words that users of the real tools look for. */
export function unreachable(doing: string, cause: unknown): ImageError {
  return new ImageError('REGISTRY_UNREACHABLE', `${doing}: ${wordsOf(cause)}`, { cause })
}

interface NetworkError {
  readonly message?: string
  readonly code?: string
  readonly address?: string
  readonly port?: number
  readonly hostname?: string
  /** Of every address that was tried. */
  readonly errors?: readonly NetworkError[]
}

function wordsOf(cause: unknown): string {
  const error = firstOf((cause ?? {}) as NetworkError)
  const { message, code = '' } = error
  return connectFault(error) || certificateFault(code) || message || code || String(cause)
}

const firstOf = (error: NetworkError): NetworkError => error.errors?.[0] ?? error

const connectFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

function connectFault({ code = '', address = '', port, hostname }: NetworkError): string | undefined {
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname ?? ''}: no such host`
  const fault = Object.hasOwn(connectFaults, code) ? connectFaults[code] : undefined
  if (fault === undefined) return undefined
  const place = port === undefined ? '' : ` ${address.includes(':') ? `[${address}]` : address}:${port}`
  return `dial tcp${place}: ${fault}`
}

const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is not valid for this name',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
}

/** What is wrong with a certificate; undefined for other errors. */
const certificateFault = (code = ''): string | undefined =>
  Object.hasOwn(certificateFaults, code)
    ? `tls: failed to verify certificate: x509: ${certificateFaults[code]}`
    : undefined
