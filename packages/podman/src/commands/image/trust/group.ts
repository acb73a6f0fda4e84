import { defineGroup } from '../../../cli/command.ts'

export const group = defineGroup({
  summary: 'Manage container image trust policy',
  description: 'Manages which registries you trust as a source of container images based on their location.',
})
