import { posix } from 'node:path'
import { cleanPath, type LayerEntry, type LayerIndex } from './layer-index.ts'

/** What one layer has to say about a path. `below`: the layers under it decide. */
export type Verdict =
  | { readonly kind: 'found'; readonly entry: LayerEntry }
  | { readonly kind: 'elsewhere'; readonly path: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'below' }

/** Looks a path up in one layer; links lead to another path of the image, and never out of it. */
export function lookUp(layer: LayerIndex, path: string): Verdict {
  const parts = path.split('/')
  let hidden = layer.opaque.has('')
  for (let length = 1; length <= parts.length; length++) {
    const at = parts.slice(0, length).join('/')
    const rest = parts.slice(length)
    const entry = layer.entries.get(at)
    if (entry?.kind === 'link') return { kind: 'elsewhere', path: follow(at, entry.link, rest) }
    if (rest.length === 0 && entry?.kind === 'hard-link') return { kind: 'elsewhere', path: cleanPath(entry.link) }
    if (rest.length === 0 && entry !== undefined) return { kind: 'found', entry }
    if (entry !== undefined && entry.kind !== 'directory') return { kind: 'absent' }
    hidden ||= layer.whiteouts.has(at) || (rest.length > 0 && layer.opaque.has(at))
  }
  return hidden ? { kind: 'absent' } : { kind: 'below' }
}

function follow(at: string, link: string, rest: readonly string[]): string {
  const target = link.startsWith('/') ? link : posix.join('/', posix.dirname(at), link)
  return cleanPath([target, ...rest].join('/'))
}
