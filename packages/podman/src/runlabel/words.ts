import { UsageError } from '../cli/usage-error.ts'

/**
 * Splits a text as a shell splits a simple command: blanks, quotes, backslashes and comments, and nothing else. No expansion, no
 * redirection, no list of commands. @throws UsageError when a quote does not end
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (char === '#' && word === undefined) at = endOfLine(text, at)
    else {
      const [piece, next] = pieceAt(text, at)
      word = (word ?? '') + piece
      at = next
    }
  }
  return word === undefined ? words : [...words, word]
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** One character, an escaped one or a quoted text, and where the next piece begins. */
function pieceAt(text: string, at: number): readonly [string, number] {
  const char = text[at] ?? ''
  if (char === '\\') {
    if (at + 1 >= text.length) throw new UsageError('the command ends after a backslash')
    return [text[at + 1] ?? '', at + 2]
  }
  if (char !== "'" && char !== '"') return [char, at + 1]
  const pattern = char === "'" ? /'([^']*)'/y : /"((?:[^"\\]|\\[\s\S])*)"/y
  pattern.lastIndex = at
  const quoted = pattern.exec(text)?.[1]
  if (quoted === undefined) throw new UsageError(`the command has a quote ${char} that does not end`)
  const piece = char === '"' ? quoted.replace(/\\([\s\S])/g, '$1') : quoted
  return [piece, pattern.lastIndex]
}
