/** Names that a mistyped word may have meant: beginning with it, or at most `edits` away. */
export function suggest(word: string, names: readonly string[], edits: number): string[] {
  const typed = word.toLowerCase()
  return names.filter(name => name.startsWith(typed) || distance(typed, name.toLowerCase()) <= edits)
}

/** Levenshtein distance. */
export function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substituted))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
