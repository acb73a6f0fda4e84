import { UsageError } from '../cli/usage-error.ts'

/** `key=value` texts as a record; a text without `=` has an empty value. `what` names them in the error. */
export function parsePairs(texts: readonly string[], what: string): Record<string, string> {
  const pairs = Object.create(null) as Record<string, string>
  for (const text of texts) {
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    if (key === '') throw new UsageError(`invalid ${what} format: ${JSON.stringify(text)}`)
    pairs[key] = equals < 0 ? '' : text.slice(equals + 1)
  }
  return pairs
}

/** Like `parsePairs`, but every text must have a `=`. */
export function parseAssignments(texts: readonly string[], problem: (text: string) => string): Record<string, string> {
  const wrong = texts.find(text => text.indexOf('=') < 1)
  if (wrong !== undefined) throw new UsageError(problem(wrong))
  return parsePairs(texts, '')
}

/** Lines of a file of pairs: blanks and `#` comments left out, leading blanks cut. */
export function pairLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map(line => line.replace(/\r$/, '').trimStart())
    .filter(line => line !== '' && !line.startsWith('#'))
}
