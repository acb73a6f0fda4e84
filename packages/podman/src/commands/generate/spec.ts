import { writeFileSync } from 'node:fs'
import type { Engine } from '@libpod/libpod'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { codeOf, ExitStatus, engineFailed } from '../../exit-codes.ts'

export const command = defineCommand({
  summary: 'Generate Specgen JSON based on containers or pods',
  description:
    'Prints the JSON with which the API of Podman makes a container or a pod like the one that is named; a pod without its containers.',
  usage: '[options] {CONTAINER|POD}',
  examples: ['{} ctrID'],
  flags: {
    compact: bool('Print the json in a compact format for consumption', { short: 'c' }),
    filename: string('Write output to the specified path', { short: 'f' }),
    name: bool('Specify a new name for the generated spec', { short: 'n', default: true }),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const generated = await generate(await engine(), name, flags.name ? 'free' : 'own')
    const text = JSON.stringify(generated, undefined, flags.compact ? 0 : 1)
    if (flags.filename) writeFileSync(flags.filename, text, { mode: 0o644 })
    io.out(`${flags.filename || text}\n`)
    return 0
  },
})

/** Of the container, else the pod, of this name. */
async function generate({ containers, pods }: Engine, subject: string, name: 'own' | 'free') {
  try {
    return await containers.generateSpec(subject, { name })
  } catch (error) {
    if (codeOf(error) !== 'CONTAINER_UNKNOWN') throw error
  }
  try {
    return await pods.generateSpec(subject, { name })
  } catch (error) {
    if (codeOf(error) !== 'POD_UNKNOWN') throw error
    throw new ExitStatus(engineFailed, `could not find a pod or container with the id ${subject}`)
  }
}
