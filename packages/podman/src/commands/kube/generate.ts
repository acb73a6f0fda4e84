import { writeFileSync } from 'node:fs'
import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, int, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { codeOf } from '../../exit-codes.ts'
import { podmanVersion } from '../../version.ts'

export const command = defineCommand({
  summary: 'Generate Kubernetes YAML from containers, pods or volumes',
  description:
    'Prints Kubernetes YAML that describes pods, containers and volumes as they are. Containers that are in no pod become one together.',
  usage: '[options] {CONTAINER...|POD...|VOLUME...}',
  examples: ['{} ctrID', '{} podID', '{} --service podID', '{} volumeName', '{} ctrID podID volumeName --service'],
  flags: {
    filename: string('Write output to the specified path', { short: 'f' }),
    'no-trunc': bool("Don't truncate annotations to Kubernetes length (63 chars)", { hidden: 'yes' }), // nothing is cut
    'podman-only': bool(
      'Add podman-only reserved annotations to the generated YAML file (Cannot be used by Kubernetes)',
    ),
    replicas: int('Set the replicas number for Deployment kind', { short: 'r', default: 1 }),
    service: bool('Generate YAML for a Kubernetes service object', { short: 's' }),
    type: string('Generate YAML for the given Kubernetes kind', { short: 't', shown: '"pod"' }),
  },
  args: atLeast(1),
  async run({ flags, args, given }, io, engine) {
    const { kube } = await engine()
    const text = await kube.generate(args, {
      ...(flags.type !== undefined && { type: flags.type }),
      ...(given.has('replicas') && { replicas: flags.replicas }),
      service: flags.service ? 'yes' : 'no',
      reserved: flags['podman-only'] ? 'with-reserved' : 'without-reserved',
      version: podmanVersion,
      signal: io.interrupted,
    })
    if (flags.filename === undefined) io.out(`${text}\n`)
    else writeNew(flags.filename, text)
    return 0
  },
})

/** What is there already stays. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o644 })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new UsageError(`cannot write to ${JSON.stringify(path)}; file exists`)
    throw error
  }
}
