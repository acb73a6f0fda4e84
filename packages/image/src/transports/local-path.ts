import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** No system has longer ones; they are not looked for. */
const longestPath = 4096

/** A path as policies name it: absolute, symbolic links followed as far as the path exists. */
export function resolvedPath(path: string): string {
  const absolute = resolve(path)
  if (absolute.length > longestPath) return absolute
  try {
    return realpathSync(absolute)
  } catch {
    const parent = dirname(absolute)
    return parent === absolute ? absolute : join(resolvedPath(parent), basename(absolute))
  }
}

/** Policy scopes of a path: itself, then every directory above it but the root. */
export function pathScopes(path: string): string[] {
  const scopes: string[] = []
  const resolved = resolvedPath(path)
  if (resolved.length > longestPath) return [resolved]
  for (let at = resolved; at !== '/' && at !== dirname(at); at = dirname(at)) scopes.push(at)
  return scopes
}
