const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The bytes of base64 (RFC 4648 §4) in which nothing but line ends may stand; undefined when it is none. */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\r\n]/g, '')
  return form.test(bare) ? Buffer.from(bare, 'base64') : undefined
}
