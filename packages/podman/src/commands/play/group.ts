import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Play containers, pods or volumes from a structured file',
  description: 'Play structured data (e.g., Kubernetes YAML) based on containers, pods or volumes.',
  hidden: 'yes',
})
