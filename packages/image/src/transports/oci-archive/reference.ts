import { pathScopes } from '../local-path.ts'
import { formatLayoutName, parseLayoutName } from '../oci/layout-name.ts'
import type { Transport } from '../transport.ts'

/** An OCI image layout in a tar: `oci-archive:path[:name]` (containers-transports(5)). */
export const ociArchive: Transport = {
  name: 'oci-archive',
  parse(text) {
    const name = parseLayoutName(text)
    return {
      transport: ociArchive.name,
      text: formatLayoutName(name),
      get policyScopes() {
        return pathScopes(name.path)
      },
      openSource: async () => (await import('./source.ts')).openSource(name),
      openDestination: async () => (await import('./destination.ts')).openDestination(name),
    }
  },
}
