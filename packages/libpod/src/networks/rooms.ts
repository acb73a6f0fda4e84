import type { Containers } from '../containers/containers.ts'
import type { Events } from '../events/events.ts'
import type { NetworkAttachment } from '../spec/network.ts'
import type { NetworkBackend } from './backend.ts'
import type { NetworkSettings } from './settings.ts'

/** What the verbs of networks work with. */
export interface NetworkRooms {
  readonly networkSettings: NetworkSettings
  networkBackend(): Promise<NetworkBackend>
  readonly containers: Containers
  readonly events: Events
  /** Changes what a container is attached to, in its record and, when it runs, for real. */
  readonly attachments: Attachments
}

/** The networks of single containers; the containers' own records hold them. */
export interface Attachments {
  connect(container: string, attachment: NetworkAttachment): Promise<{ readonly id: string; readonly name: string }>
  disconnect(
    container: string,
    network: string,
    how: 'graceful' | 'force',
  ): Promise<{ readonly id: string; readonly name: string }>
  reload(container: string): Promise<void>
}
