/** A signature as transports carry it: an OpenPGP simple signature, or a sigstore one with its annotations. */
export type Signature = SimpleSignature | SigstoreSignature

/** The raw OpenPGP message over the JSON payload (containers-signature(5)). */
export interface SimpleSignature {
  readonly kind: 'simple'
  readonly bytes: Uint8Array
}

/** One layer of a sigstore attachment: the payload and the annotations that prove it. */
export interface SigstoreSignature {
  readonly kind: 'sigstore'
  readonly mimeType: string
  readonly payload: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}
