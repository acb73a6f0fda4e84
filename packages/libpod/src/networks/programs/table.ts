import type { NetworkMode } from '../../spec/network.ts'
import type { NetworkProgram } from './program.ts'

/** Programs that carry the packets of one container, by the mode's name (podman-run(1), --network). */
export const networkPrograms = {
  slirp4netns: async (): Promise<NetworkProgram> => (await import('./slirp4netns/index.ts')).slirp4netns,
  pasta: async (): Promise<NetworkProgram> => (await import('./pasta/index.ts')).pasta,
}

type ProgramMode = Extract<NetworkMode, { kind: keyof typeof networkPrograms }>

export const programMode = (mode: NetworkMode | undefined): ProgramMode | undefined =>
  mode?.kind === 'slirp4netns' || mode?.kind === 'pasta' ? mode : undefined
