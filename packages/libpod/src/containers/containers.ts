import type { ContainerFigures } from './container-figures.ts'
import type { ContainerFiles } from './container-files.ts'
import type { ContainerLife } from './container-life.ts'
import type { ContainerStreams } from './container-streams.ts'

export type * from './container-figures.ts'
export type * from './container-files.ts'
export type * from './container-id.ts'
export type * from './container-life.ts'
export type * from './container-streams.ts'

/**
 * Containers, from creation to removal. Every method that takes `name` accepts a name, an id or a unique prefix of an id, and
 * rejects with CONTAINER_UNKNOWN or NAME_AMBIGUOUS. Reads (`list`, `inspect`, `logs`, `exists`) take no lock and run no program.
 */
export interface Containers extends ContainerLife, ContainerStreams, ContainerFiles, ContainerFigures {}
