import { LibpodError } from '../errors.ts'
import type { NetworkChange } from './networks.ts'

/**
 * A CNI configuration has no place for name servers of a network: Podman's CNI back end refuses every change too, whatever the
 * network. @throws LibpodError UNSUPPORTED
 */
export function updateNetwork(name: string, change: NetworkChange): never {
  const text = 'NetworkUpdate is not supported for backend CNI: invalid argument'
  const asked = [...(change.addDnsServers ?? []), ...(change.removeDnsServers ?? [])]
  throw new LibpodError('UNSUPPORTED', text, {
    subject: name,
    ...(asked.length > 0 && { hint: `give containers name servers of their own: --dns ${asked[0]}` }),
  })
}
