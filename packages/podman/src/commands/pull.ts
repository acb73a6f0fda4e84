import type { Engine, PullOptions } from '@libpod/libpod'
import { atLeast } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { thisCaller } from '../options/container.ts'
import { pullPolicy } from '../options/life.ts'
import { platform } from '../options/platform.ts'
import { registry } from '../options/registry.ts'
import { showProgress } from '../print/progress.ts'
import type { Terminal } from '../terminal.ts'

export const command = defineCommand({
  summary: 'Pull an image from a registry',
  description: 'Copies images from a registry, or from any other transport, to the local storage.',
  usage: '[options] IMAGE [IMAGE...]',
  examples: ['{} imageName', '{} fedora:latest', '{} --policy=newer quay.io/podman/stable oci:layout:tag'],
  flags: {
    ...registry.flags,
    ...platform.flags,
    'all-tags': bool('All tagged images in the repository will be pulled', { short: 'a' }),
    'disable-content-trust': bool('This is a Docker specific option and is a NOOP', { hidden: 'yes' }),
    policy: string('Pull image policy ("always"|"missing"|"never"|"newer")', { default: 'always' }),
    quiet: bool('Suppress output information when pulling images', { short: 'q' }),
  },
  args: atLeast(1),
  async run({ flags, args }, io, engine) {
    if (flags['all-tags'] && args.some(hasTag)) throw new UsageError("tag can't be used with --all-tags")
    const options: PullOptions = {
      ...registry.toSpec(flags, thisCaller()),
      ...platform.toSpec(flags, thisCaller()),
      policy: pullPolicy(flags.policy ?? 'always'),
      tags: flags['all-tags'] ? 'all' : 'one',
    }
    const opened = await engine()
    for (const name of args) await pullOne(name, opened, io, { ...options, how: flags.quiet ? 'quiet' : 'shown' })
    return 0
  },
})

const hasTag = (name: string) => /[:@][^/]*$/.test(name.replace(/^[a-z-]+:(\/\/)?/, ''))

type Job = PullOptions & { readonly how: 'quiet' | 'shown' }

async function pullOne(name: string, { images }: Engine, io: Terminal, { how, ...options }: Job): Promise<void> {
  using progress = showProgress(io, how)
  const ids = await images.pull(name, { ...options, onProgress: progress.report, signal: io.interrupted })
  for (const id of ids) io.out(`${id}\n`)
}
