import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Manage health checks on containers',
  description: 'Run health checks on containers',
})
