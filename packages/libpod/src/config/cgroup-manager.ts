import type { HostFacts } from '../host/facts.ts'

export interface ManagerChoice {
  readonly manager: 'systemd' | 'cgroupfs'
  /** To be told to whoever runs a command. */
  readonly warnings: readonly string[]
}

/** What there is to choose from: the host, and the address of the user's own systemd, when the user has logged in. */
export interface ManagerFacts extends Pick<HostFacts, 'systemd' | 'cgroups' | 'uid'> {
  readonly userBus: string | undefined
}

/**
 * systemd is used only where one runs, and for a plain user only where it is the user's own; there it can give limits on v2 alone.
 * Podman falls back the same way. Pure.
 */
export function chooseManager(asked: string | undefined, host: ManagerFacts): ManagerChoice {
  const plain = host.uid !== 0
  const wanted = asked ?? (plain && host.cgroups !== 'v2' ? 'cgroupfs' : 'systemd')
  if (wanted !== 'systemd' || host.systemd === 'no') return { manager: 'cgroupfs', warnings: [] }
  if (!plain || host.userBus !== undefined) return { manager: 'systemd', warnings: [] }
  return { manager: 'cgroupfs', warnings: withoutSession(host.uid) }
}

const withoutSession = (uid: number): readonly string[] => [
  'The cgroupv2 manager is set to systemd but there is no systemd user session available',
  'For using systemd, you may need to log in using a user session',
  `Alternatively, you can enable lingering with: \`loginctl enable-linger ${uid}\` (possibly as root)`,
  'Falling back to --cgroup-manager=cgroupfs',
]
