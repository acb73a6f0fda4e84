import { directoryFiles } from '../../files/directory.ts'
import { pathScopes } from '../local-path.ts'
import type { Reference, Transport } from '../transport.ts'
import { formatLayoutName, type LayoutName, parseLayoutName } from './layout-name.ts'

/** Images in a directory of the OCI image layout: `oci:path[:name]` (image-spec image-layout.md). */
export const oci: Transport = {
  name: 'oci',
  parse: text => ociReference(parseLayoutName(text)),
}

export function ociReference(name: LayoutName): Reference {
  return {
    transport: oci.name,
    text: formatLayoutName(name),
    get policyScopes() {
      return pathScopes(name.path)
    },
    openSource: async () => {
      const { openLayout } = await import('./source.ts')
      return openLayout(directoryFiles(name.path), name, async () => undefined)
    },
    openDestination: async () => (await import('./destination.ts')).openDestination(name),
    delete: async () => (await import('./delete.ts')).deleteFromLayout(name),
  }
}
