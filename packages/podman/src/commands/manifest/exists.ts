import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Check if a manifest list exists in local storage',
  description:
    'If the manifest list exists in local storage, podman manifest exists exits with 0, otherwise the exit code will be 1.',
  usage: 'MANIFEST',
  examples: ['{} mylist'],
  flags: {},
  args: exactly(1),
  async run({ args: [name = ''] }, _io, engine) {
    const { manifests } = await engine()
    return (await manifests.exists(name)) ? 0 : 1
  },
})
