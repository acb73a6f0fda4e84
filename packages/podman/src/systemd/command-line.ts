/** A word of a command line as systemd.service(5) reads it: `$` and `%` stand for themselves, blanks need quotes. */
export function escapeWord(word: string): string {
  const literal = word.replaceAll('$', '$$$$').replaceAll('%', '%%')
  if (/[ \t"]/.test(literal)) return JSON.stringify(literal)
  return literal.replaceAll('\\', '\\\\')
}

/** Words as the value of `Exec…=`: each option begins a line. */
export const commandLine = ([first = '', ...more]: readonly string[]): string =>
  first + more.map(word => (word.startsWith('-') ? ` \\\n\t${word}` : ` ${word}`)).join('')
