const noRemote = 'this program works on its own host only'

/** Commands of Podman that this program does not have, and what is so instead. */
const reasons: Readonly<Record<string, string>> = {
  farm: `images are built on this host only (podman build)`,
  machine: 'containers run on this host itself, without a virtual machine',
  quadlet: 'units are written by podman generate systemd',
  'kube apply': 'podman kube generate writes what kubectl apply takes',
  'system connection add': noRemote,
  'system connection default': noRemote,
  'system connection remove': noRemote,
  'system connection rename': noRemote,
  'system service': 'nothing listens on a socket; a program may use the engine as a library, @libpod/libpod',
}

/** What is to be said of a command that Podman has and this program has not; undefined for any other. */
export function absence(words: readonly string[]): string | undefined {
  const name = words.join(' ')
  return Object.hasOwn(reasons, name) ? `\`podman ${name}\` is not available: ${reasons[name]}` : undefined
}
