import { defineGroup } from '../../cli/command.ts'

export const group = defineGroup({
  summary: 'Manipulate manifest lists and image indexes',
  description: 'Creates, modifies, and pushes manifest lists and image indexes.',
})
