import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { type OciRuntime, runcCli } from './runc-cli.ts'

/** The runtime that made a container is the one that knows it, whatever new ones are made with. */
export const runtimeOf = (
  { runtime, options }: Pick<Rooms, 'runtime' | 'options'>,
  { config }: Pick<ContainerRecord, 'config'>,
): OciRuntime => (config.runtime === runtime.path ? runtime : runcCli(config.runtime, options))
