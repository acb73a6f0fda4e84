import type { ContainerConfig } from '../state/container.ts'

/** What image and user say that a container listens at: `80/tcp`. */
export const exposedPorts = ({ exposed, spec }: ContainerConfig): readonly string[] =>
  exposed ?? spec.network?.expose ?? []
