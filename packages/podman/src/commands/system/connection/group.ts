import { defineGroup } from '../../../cli/command.ts'

export const group = defineGroup({
  summary: 'Manage remote API service destinations',
  description: 'Shows the destinations of remote services; this program itself works on its own host only.',
})
