import type { ImageWarning } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { allFlag, filterFlag } from '../../options/selection.ts'
import { humanSize } from '../../print/size.ts'

export const command = defineCommand({
  summary: 'Remove unused data',
  description:
    'Removes stopped containers, pods of which nothing runs, unused networks, dangling (with --all: unused) images and, with --volumes, unused volumes.',
  usage: '[options]',
  examples: ['{}', '{} --all --volumes', '{} --filter until=24h --force'],
  flags: {
    all: allFlag('Remove all unused data'),
    build: bool('Remove build containers'),
    external: bool('Remove container data in storage not controlled by podman'),
    filter: { ...filterFlag, short: undefined },
    force: bool('Do not prompt for confirmation.  The default is false', { short: 'f' }),
    volumes: bool('Prune volumes'),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    if (flags.external && (flags.all || flags.volumes))
      throw new UsageError('system prune --external cannot be combined with other options')
    const filters = parseFilters(flags.filter)
    if (flags.external) {
      await (await engine()).system.check({ quick: 'yes', repair: 'yes', signal: io.interrupted })
      return 0
    }
    if (!flags.force && !(await confirm(warning(flags), io))) return 0
    const { containers, pods, images, networks, volumes } = await engine()
    let freed = 0
    const tell = (title: string, results: readonly { readonly id: string; readonly size?: number }[]) => {
      freed += results.reduce((total, { size = 0 }) => total + size, 0)
      if (results.length > 0) io.out(`${title}\n${results.map(({ id }) => `${id}\n`).join('')}`)
    }
    const done = <T extends { readonly error?: Error }>(results: readonly T[]) => results.filter(({ error }) => !error)
    const ofBuilds = flags.build ? await images.pruneBuilds({ signal: io.interrupted }) : []
    tell('Deleted Containers', [...ofBuilds, ...done(await containers.prune(filters))])
    if (flags.filter.length === 0) tell('Deleted Pods', done(await pods.prune()))
    if (flags.volumes) tell('Deleted Volumes', done(await volumes.prune(filters)))
    const imageOptions = { which: flags.all ? 'all' : 'dangling', filters, signal: io.interrupted } as const
    const onProgress = ({ message }: ImageWarning) => io.warn(message)
    tell('Deleted Images', await images.prune({ ...imageOptions, onProgress }))
    tell(
      'Deleted Networks',
      (await networks.prune(filters)).map(id => ({ id })),
    )
    io.out(`Total reclaimed space: ${humanSize(freed)}\n`)
    return 0
  },
})

const warning = ({ all, volumes }: { readonly all: boolean; readonly volumes: boolean }) =>
  `WARNING! This command removes:
\t- all stopped containers
\t- all networks not used by at least one container
${volumes ? '\t- all volumes not used by at least one container\n' : ''}\t- all ${all ? 'images without at least one container associated with them' : 'dangling images'}
`
