import type { Reference, Transport } from '../transport.ts'

export interface TarballConfig {
  /** The whole image config; its rootfs and history are filled in. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly created?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** Tars as the layers of a new image: `tarball:file[:file…]`, `-` for standard input; read only. */
export const tarball: Transport = {
  name: 'tarball',
  parse(text) {
    return tarballReference(text.split(':'))
  },
}

/** The same with a config of one's own, as `podman import --change` needs. */
export function tarballReference(files: readonly string[], config: TarballConfig = {}): Reference {
  return {
    transport: tarball.name,
    text: files.join(':'),
    policyScopes: [],
    openSource: async () => (await import('./source.ts')).openSource(files, config),
  }
}
