import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({ summary: 'Manage OCI artifacts' })
