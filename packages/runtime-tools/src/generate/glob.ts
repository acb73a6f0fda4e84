/** Whether a path matches a shell glob (`*`, `?`, `[…]`); none of them matches `/`. A broken pattern matches nothing. */
export function matchGlob(pattern: string, path: string): boolean {
  const parts = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[^[\\]/gsu) ?? []
  if (parts.join('') !== pattern) return false
  try {
    return new RegExp(`^${parts.map(compile).join('')}$`, 'u').test(path)
  } catch {
    return false // such as [z-a]
  }
}

function compile(part: string): string {
  if (part === '?') return '[^/]'
  if (part === '*') return '[^/]*'
  if (part.length > 2 && part.startsWith('[')) return part
  const literal = part.length > 1 ? part.slice(1) : part
  return literal.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
}
