import type { ContainerConfig } from '../state/container.ts'

/** Whether the container is removed when it has ended (`--rm`, `--rmi`). */
export const goesAtEnd = ({ spec: { onExit } }: Pick<ContainerConfig, 'spec'>): boolean =>
  onExit === 'remove' || onExit === 'remove-with-image'
