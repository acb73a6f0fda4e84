import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { readKubeFiles } from '../../kube/files.ts'
import { downText } from '../../kube/report.ts'

export const command = defineCommand({
  summary: 'Remove pods based on Kubernetes YAML',
  description:
    'Removes the pods and secrets that kube play made of the same Kubernetes YAML, and with --force their volumes.',
  usage: '[options] [KUBEFILE [KUBEFILE...]]|-',
  examples: ['{} nginx.yml', 'cat nginx.yml | {} -', '{} https://example.com/nginx.yml'],
  flags: { force: bool('remove volumes') },
  args: atLeast(1),
  async run({ flags, args }, io, engine) {
    const yaml = await readKubeFiles(args, io)
    const { kube } = await engine()
    const volumes = flags.force ? 'remove' : 'keep'
    io.out(downText(await kube.down(yaml, { volumes, signal: io.interrupted })))
    return 0
  },
})
