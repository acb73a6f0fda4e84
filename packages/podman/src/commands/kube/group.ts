import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Play containers, pods or volumes from a structured file',
  description: 'Makes pods, containers and volumes of Kubernetes YAML, and the reverse.',
})
