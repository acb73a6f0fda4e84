import type { ContainerUpdate } from '@libpod/libpod'
import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { ExitStatus, engineFailed, wording } from '../exit-codes.ts'
import { thisCaller } from '../options/container.ts'
import { registry, unaskedOfRegistry } from '../options/registry.ts'
import { listing } from '../print/listing.ts'
import { showProgress } from '../print/progress.ts'
import { severalErrors } from '../several-errors.ts'

export const command = defineCommand({
  summary: 'Auto update containers according to their auto-update policy',
  description: `Looks for newer images of running containers that have the label io.containers.autoupdate=registry or =local, pulls them,
and has systemd restart the units that make the containers anew (label PODMAN_SYSTEMD_UNIT). Labels that a container
has of its image do not count. --dry-run needs no systemd.`,
  usage: '[options]',
  examples: ['{}', '{} --dry-run', '{} --authfile ~/authfile.json'],
  flags: {
    authfile: registry.flags.authfile,
    'dry-run': bool('Check for pending updates'),
    format: string('Change the output format to JSON or a Go template'),
    rollback: bool('Rollback to previous image if update fails', { default: true }),
    'tls-verify': registry.flags['tls-verify'],
  },
  args: noArguments,
  templateFields: async () => [...fields, 'ContainerName', 'ContainerID'],
  async run({ flags }, io, engine) {
    const access = registry.toSpec({ ...unaskedOfRegistry, ...flags }, thisCaller())
    const { system } = await engine()
    using progress = showProgress(io)
    const { containers, errors } = await system.autoUpdate({
      ...access,
      how: flags['dry-run'] ? 'check' : 'update',
      onFailure: flags.rollback ? 'roll-back' : 'leave',
      onProgress: progress.report,
      signal: io.interrupted,
    })
    if (containers.length > 0)
      io.out(
        await listing(containers.map(rowOf), flags, {
          fields,
          headings: {},
          name: 'auto-update',
          type: 'main.autoUpdateOutput',
          quiet: ({ ContainerID }) => ContainerID,
        }),
      )
    if (errors.length > 0) throw new ExitStatus(engineFailed, severalErrors(errors.map(wording)))
    return 0
  },
})

const fields = ['Unit', 'Container', 'Image', 'Policy', 'Updated'] as const

const rowOf = ({ unit, containerId, containerName, image, policy, updated }: ContainerUpdate) => ({
  Unit: unit,
  Container: `${containerId.slice(0, 12)} (${containerName})`,
  ContainerName: containerName,
  ContainerID: containerId,
  Image: image,
  Policy: policy,
  Updated: updated,
})
