import type { EngineConfig } from '../config/engine-config.ts'
import type { ProcessSpec } from '../spec/process.ts'

/** The umask of a container's first process: its own, or the configured one (containers.conf(5), `umask`). */
export const umaskOf = ({ umask }: ProcessSpec, config: EngineConfig['containers']): number =>
  umask ?? Number.parseInt(config.umask, 8)

/** The same as Podman writes it: `0022`. */
export const umaskText = (process: ProcessSpec, config: EngineConfig['containers']): string =>
  umaskOf(process, config).toString(8).padStart(4, '0')
