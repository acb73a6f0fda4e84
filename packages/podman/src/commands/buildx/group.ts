import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({ summary: 'Build images', aliases: ['builder'], hidden: 'yes' })
