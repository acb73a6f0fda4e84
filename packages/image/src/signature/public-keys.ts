/** Keyrings come binary or armored. */
export async function readPublicKeys(material: Uint8Array) {
  const { readKeys } = await import('openpgp')
  const text = Buffer.from(material).toString('latin1')
  return text.includes('-----BEGIN PGP') ? readKeys({ armoredKeys: text }) : readKeys({ binaryKeys: material })
}
