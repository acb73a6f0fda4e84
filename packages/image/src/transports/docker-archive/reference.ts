import type { Reference, Transport } from '../transport.ts'
import { type ArchiveName, formatArchiveName, parseArchiveName } from './archive-name.ts'

/** Images in a tar as `docker save` makes it: `docker-archive:path[:name[:tag]]` (containers-transports(5)). */
export const dockerArchive: Transport = {
  name: 'docker-archive',
  parse: text => archiveReference(parseArchiveName(text)),
}

export function archiveReference(name: ArchiveName): Reference {
  return {
    transport: dockerArchive.name,
    text: formatArchiveName(name),
    ...(name.name !== undefined && { dockerReference: name.name }),
    policyScopes: [],
    openSource: async () => (await import('./source.ts')).openSource(name),
    openDestination: async () => (await import('./writer.ts')).openSingle(name),
  }
}
