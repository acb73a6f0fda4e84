import { writeFileSync } from 'node:fs'
import type { PodSpec } from '@libpod/libpod'
import { atMost } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, list, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { namespaces } from '../../options/namespaces.ts'
import { network } from '../../options/network.ts'
import { pairLines, parsePairs } from '../../options/pairs.ts'
import { limits } from '../../options/resources.ts'
import { parseRestart } from '../../options/restart.ts'

const { expose: _expose, 'publish-all': _publishAll, ...networkFlags } = network.flags
const { ipc: _ipc, cgroupns: _cgroupns, ...namespaceFlags } = namespaces.flags
const shares = ['net', 'ipc', 'uts', 'pid', 'user', 'cgroup'] as const
const usualShares = ['ipc', 'net', 'uts'] as const
type Shared = (typeof shares)[number]

export const command = defineCommand({
  summary: 'Create a new empty pod',
  description: 'Makes a pod: a group of containers that share namespaces and a control group.',
  usage: '[options] [NAME]',
  examples: ['{} --name test', '{} mypod', '{} --infra=false', '{} --publish 8443:443'],
  flags: {
    ...networkFlags,
    ...limits.flags,
    ...namespaceFlags,
    'cgroup-parent': string('Optional parent cgroup for the pod'),
    'exit-policy': string('Behaviour when the last container exits', { default: 'continue' }),
    hostname: string('Set a hostname to the pod', { short: 'h' }),
    infra: bool('Create an infra container associated with the pod to share namespaces with', { default: true }),
    'infra-command': string('Overwrite the default ENTRYPOINT of the infra container'),
    'infra-image': string('Image to use to override builtin infra container'),
    'infra-name': string('The name used as infra container name'),
    label: list('Set metadata on pod', { short: 'l' }),
    'label-file': list('Read in a line delimited file of labels'),
    name: string('Assign a name to the pod', { short: 'n' }),
    'pod-id-file': string('Write the pod ID to the file'),
    replace: bool('If a pod with the same name exists, replace it'),
    restart: string(
      'Restart policy to apply when a container exits ("always"|"no"|"never"|"on-failure"|"unless-stopped")',
    ),
    share: strings('A comma delimited list of kernel namespaces the pod will share', { shown: '"ipc,net,uts"' }),
    'share-parent': bool("Set the pod's cgroup as the cgroup parent for all containers joining the pod", {
      default: true,
    }),
  },
  args: atMost(1),
  async run({ flags, args: [argument], given, path }, io, engine) {
    if (argument !== undefined && flags.name !== undefined)
      throw new UsageError('cannot specify --name and NAME argument at the same time')
    const name = argument ?? flags.name
    if (flags.replace && name === undefined) throw new UsageError('cannot replace pod without --name being set')
    if (!flags.infra && (given.has('publish') || given.has('network') || given.has('share')))
      throw new UsageError('--publish, --network and --share need an infra container')
    const caller = thisCaller()
    const resources = limits.toSpec(flags, caller)
    const labels = [...flags['label-file'].flatMap(file => pairLines(caller.readText(file))), ...flags.label]
    const spec: PodSpec = {
      ...defined({
        name,
        hostname: flags.hostname,
        infraName: flags['infra-name'],
        infraImage: flags['infra-image'],
        infraCommand: flags['infra-command']?.split(' '),
        share: given.has('share') ? sharesOf(flags.share) : undefined,
        exitPolicy: exitPolicy(flags['exit-policy']),
        restart: flags.restart === undefined ? undefined : parseRestart(flags.restart),
      }),
      labels: parsePairs(labels, 'label'),
      infra: flags.infra ? 'yes' : 'no',
      network: network.toSpec({ ...flags, expose: [], 'publish-all': false }, caller),
      resources: { ...resources, ...defined({ cgroupParent: flags['cgroup-parent'] }) },
      onNameConflict: flags.replace ? 'replace' : 'refuse',
      createCommand: [...path.split(' '), ...process.argv.slice(process.argv.indexOf('create') + 1)],
    }
    const security = namespaces.toSpec({ ...flags, ipc: undefined, cgroupns: undefined }, caller)
    const { pods } = await engine()
    const { id, warnings } = await pods.create({ ...spec, security }, { signal: io.interrupted })
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
