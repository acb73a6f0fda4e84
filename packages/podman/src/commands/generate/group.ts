import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Generate structured data based on containers, pods or volumes',
  description:
    'Generate structured data (e.g., Kubernetes YAML or systemd units) based on containers, pods or volumes.',
})
