import { writeFileSync } from 'node:fs'
import type { PodSpec } from '@libpod/libpod'
import { atMost } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { network } from '../../options/network.ts'
import { pod } from '../../options/pod.ts'

const { expose: _expose, 'publish-all': _publishAll, ...networkFlags } = network.flags
const shares = ['net', 'ipc', 'uts', 'pid', 'user', 'cgroup'] as const
/** What there is nothing to do with where no container holds the pod's namespaces. */
const ofInfra = [
  'share',
  'network',
  'publish',
  'network-alias',
  'ip',
  'ip6',
  'mac-address',
  'dns',
  'dns-option',
  'dns-search',
  'add-host',
  'hosts-file',
  'no-hosts',
  'infra-name',
] as const
const usualShares = ['ipc', 'net', 'uts'] as const
type Shared = (typeof shares)[number]

export const command = defineCommand({
  summary: 'Create a new empty pod',
  description: 'Makes a pod: a group of containers that share namespaces and a control group.',
  usage: '[options] [NAME]',
  examples: ['{} --name test', '{} mypod', '{} --infra=false', '{} --publish 8443:443'],
  flags: {
    ...networkFlags,
    ...pod.flags,
    'exit-policy': string('Behaviour when the last container exits', { default: 'continue' }),
    infra: bool('Create an infra container associated with the pod to share namespaces with', { default: true }),
    'infra-image': string('Image to use to override builtin infra container'),
    'pod-id-file': string('Write the pod ID to the file'),
    replace: bool('If a pod with the same name exists, replace it'),
    share: strings('A comma delimited list of kernel namespaces the pod will share', { shown: '"ipc,net,uts"' }),
    'share-parent': bool("Set the pod's cgroup as the cgroup parent for all containers joining the pod", {
      default: true,
    }),
  },
  args: atMost(1),
  async run({ flags, args: [argument], given }, io, engine) {
    if (argument !== undefined && flags.name !== undefined)
      throw new UsageError('cannot specify --name and NAME argument at the same time')
    const name = argument ?? flags.name
    if (flags.replace && name === undefined) throw new UsageError('cannot replace pod without --name being set')
    const share = given.has('share') ? sharesOf(flags.share) : undefined
    const without = flags.infra ? (share?.length === 0 ? 'nothing is shared' : undefined) : '--infra=false is given'
    const needy = without && ofInfra.find(flag => given.has(flag) && !(flag === 'share' && share?.length === 0))
    if (needy) throw new UsageError(`--${needy} needs an infra container, and ${without}`)
    if (flags['share-parent'] && flags.share.some(word => /^\+?cgroup$/.test(word)))
      throw new UsageError(
        "cannot define the pod as the cgroup parent at the same time as joining the infra container's cgroupNS: invalid argument",
      )
    const caller = thisCaller()
    const spec: PodSpec = {
      ...pod.toSpec({ ...flags, name }, caller),
      ...defined({
        infraImage: flags['infra-image'],
        share,
        exitPolicy: exitPolicy(flags['exit-policy']),
      }),
      infra: flags.infra ? 'yes' : 'no',
      shareParent: flags['share-parent'] ? 'yes' : 'no',
      network: network.toSpec({ ...flags, expose: [], 'publish-all': false }, caller),
      onNameConflict: flags.replace ? 'replace' : 'refuse',
      createCommand: ['podman', ...process.argv.slice(2)],
    }
    const mode = spec.network?.mode?.kind
    if (flags.publish.length > 0 && (mode === 'host' || mode === 'none'))
      throw new UsageError('PortMappings can only be used with Bridge, slirp4netns, or pasta networking')
    const { pods } = await engine()
    const { id, warnings } = await pods.create(spec, { signal: io.interrupted })
    for (const warning of warnings) io.warn(warning)
    if (flags['pod-id-file'] !== undefined) writeFileSync(flags['pod-id-file'], id)
    io.out(`${id}\n`)
    return 0
  },
})

/** Names alone stand instead of the usual ones, names with a `+` beside them. */
function sharesOf(texts: readonly string[]): readonly Shared[] {
  const words = texts.filter(word => word !== '' && word !== 'none')
  const added = words.length > 0 && words.every(word => word.startsWith('+'))
  return [...new Set([...(added ? usualShares : []), ...words.map(parseShare)])]
}

function exitPolicy(text: string): 'continue' | 'stop' {
  if (text === 'continue' || text === 'stop') return text
  throw new UsageError(`running pod create option: invalid pod exit policy: ${JSON.stringify(text)}`)
}

function parseShare(text: string): Shared {
  const found = shares.find(name => name === text.replace(/^\+/, ''))
  if (found === undefined)
    throw new UsageError(`invalid kernel namespace to share: ${text}. Options are: cgroup, ipc, net, pid, uts or none`)
  return found
}
