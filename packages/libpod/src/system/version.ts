/** The version of Podman whose behaviour and documents the engine follows: what scripts and clients compare. */
export const followedVersion = '5.8.2'

/** The API versions told to clients. */
export const followedApiVersion = '5.8.2'

/** What `podman version` and `podman info` tell of the engine. */
export interface EngineVersion {
  readonly APIVersion: string
  readonly Version: string
  readonly GoVersion: string
  readonly GitCommit: string
  readonly BuiltTime: string
  readonly Built: number
  readonly BuildOrigin: string
  readonly OsArch: string
  readonly Os: string
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' }

/** This machine's architecture in Go's words. */
export const architecture = (): string => architectures[process.arch] ?? process.arch

/** There is no Go here: the key that tells the language's version tells Node's. */
export const engineVersion = (): EngineVersion => ({
  APIVersion: followedApiVersion,
  Version: followedVersion,
  GoVersion: `node ${process.version}`,
  GitCommit: '',
  BuiltTime: 'Thu Jan  1 00:00:00 1970',
  Built: 0,
  BuildOrigin: '',
  OsArch: `linux/${architecture()}`,
  Os: 'linux',
})
