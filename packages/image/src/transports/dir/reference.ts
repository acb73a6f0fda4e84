import { pathScopes } from '../local-path.ts'
import type { Transport } from '../transport.ts'

/** One image in a plain directory: `dir:path` (containers-transports(5)). */
export const dir: Transport = {
  name: 'dir',
  parse(text) {
    const path = text === '' ? '.' : text
    return {
      transport: dir.name,
      text: path,
      get policyScopes() {
        return pathScopes(path)
      },
      openSource: async () => (await import('./source.ts')).openSource(path),
      openDestination: async () => (await import('./destination.ts')).openDestination(path),
      delete: async () => (await import('./destination.ts')).deleteDirectory(path),
    }
  },
}
