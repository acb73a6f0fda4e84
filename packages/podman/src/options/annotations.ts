import { UsageError } from '../cli/usage-error.ts'

/** `key=value` texts by key. */
export function parseAnnotations(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map(text => {
    const at = text.indexOf('=')
    if (at < 0) throw new UsageError(`expected --annotation ${JSON.stringify(text)} to be in key=value format`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}
