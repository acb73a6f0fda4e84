import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Generate structured data based on containers, pods or volumes',
  description:
    'Prints descriptions of pods, containers and volumes for others: Kubernetes, systemd, the API of Podman.',
})
