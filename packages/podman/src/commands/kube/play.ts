import { isIP } from 'node:net'
import type { BuildEvent, Engine, KubePlayOptions, PullEvent } from '@libpod/libpod'
import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, choice, type FlagValues, list, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { ExitStatus } from '../../exit-codes.ts'
import { readKubeFiles } from '../../kube/files.ts'
import { downText, playText } from '../../kube/report.ts'
import { untilEnded } from '../../kube/until-ended.ts'
import { thisCaller } from '../../options/container.ts'
import { log } from '../../options/log.ts'
import { namespaces } from '../../options/namespaces.ts'
import { checkMac, network } from '../../options/network.ts'
import { parseNetworks } from '../../options/network-mode.ts'
import { parseAssignments } from '../../options/pairs.ts'
import { parsePublish } from '../../options/ports.ts'
import { registry, unaskedOfRegistry } from '../../options/registry.ts'
import { showProgress } from '../../print/progress.ts'
import type { Terminal } from '../../terminal.ts'

const flags = {
  annotation: list('Add Podman-specific annotations to containers and pods created by Podman (key=value)'),
  authfile: registry.flags.authfile,
  build: choice('Build all images in a YAML (given Containerfiles exist)'),
  'cert-dir': registry.flags['cert-dir'],
  configmap: list('`Pathname` of a YAML file containing a kubernetes configmap'),
  'context-dir': string('Path to top level of context directory'),
  creds: registry.flags.creds,
  down: bool('Stop pods defined in the YAML file', { hidden: 'yes' }),
  force: bool('Remove volumes as part of --down'),
  ip: strings('Static IP addresses to assign to the pods'),
  ...log.flags,
  'mac-address': strings('Static MAC addresses to assign to the pods'),
  network: list('Connect pod to network(s) or network mode'),
  'no-hostname': network.flags['no-hostname'],
  'no-hosts': bool("Do not create /etc/hosts within the pod's containers, instead use the version from the image"),
  'no-trunc': bool('Use annotations that are not truncated to the Kubernetes maximum length of 63 characters', {
    hidden: 'yes', // nothing is cut
  }),
  'no-pod-prefix': bool('Do not prefix container name with pod name'),
  publish: strings("Publish a container's port, or a range of ports, to the host"),
  'publish-all': bool(
    'Whether to publish all ports defined in the K8S YAML file (containerPort, hostPort), if false only hostPort will be published',
  ),
  quiet: bool('Suppress output information when pulling images', { short: 'q' }),
  replace: bool('Delete and recreate pods defined in the YAML file'),
  'seccomp-profile-root': string('Directory path for seccomp profiles', { default: '/var/lib/kubelet/seccomp' }),
  'service-container': bool('Starts a service container before all pods', { hidden: 'yes' }),
  'service-exit-code-propagation': string('Exit-code propagation of the service container', { hidden: 'yes' }),
  'signature-policy': registry.flags['signature-policy'],
  start: bool('Start the pod after creating it', { default: true }),
  'tls-verify': registry.flags['tls-verify'],
  userns: string('User namespace to use'),
  wait: bool('Clean up all objects created when a SIGTERM is received or pods exit', { short: 'w' }),
}

type Values = FlagValues<typeof flags>

export const command = defineCommand({
  summary: 'Play a pod or volume based on Kubernetes YAML',
  description:
    'Makes the pods, volumes and secrets that Kubernetes YAML describes: the kinds Pod, Deployment, DaemonSet, Job, PersistentVolumeClaim, ConfigMap and Secret.',
  usage: '[options] [KUBEFILE [KUBEFILE...]]|-',
  examples: [
    '{} nginx.yml',
    'cat nginx.yml | {} -',
    '{} --creds user:password --seccomp-profile-root /custom/path apache.yml',
  ],
  flags,
  args: atLeast(1),
  async run({ flags: values, args }, io, engine) {
    if (values['service-container'] && !values.start)
      throw new UsageError('--service-container does not work with --start=stop')
    if (values['context-dir'] !== undefined && !values.build)
      throw new UsageError('--build must be specified when using --context-dir option')
    if (values.force && !values.down) throw new UsageError('--force may be specified only with --down')
    const options = optionsOf(values)
    const yaml = await readKubeFiles(args, io)
    const opened = await engine()
    if (values.down) {
      io.out(
        downText(await opened.kube.down(yaml, { volumes: values.force ? 'remove' : 'keep', signal: io.interrupted })),
      )
      return 0
    }
    if (values.wait) io.out('Use ctrl+c to clean up or wait for pods to exit\n')
    const report = await playAll(yaml, { ...options, quiet: values.quiet }, { engine: opened, io })
    // What Podman tears down first is told as that; here it goes when all else is ready.
    if (values.replace)
      io.out(downText({ stopped: report.replaced, removed: report.replaced, secrets: [], volumes: [] }))
    io.out(playText(report))
    if (values.wait) {
      await untilEnded(opened, report, io.interrupted)
      io.out(`${io.interrupted.aborted ? '\n' : ''}Cleaning up containers, pods, and volumes...\n`)
      io.out(downText(await opened.kube.down(yaml, { volumes: 'remove' })))
    }
    const errors = report.pods.flatMap(pod => pod.errors)
    for (const error of errors) io.err(`${error}\n`)
    if (errors.length > 0) throw new ExitStatus(125, `failed to start ${errors.length} containers`)
    return 0
  },
})

async function playAll(
  yaml: string,
  { quiet, ...options }: KubePlayOptions & { readonly quiet: boolean },
  { engine, io }: { readonly engine: Engine; readonly io: Terminal },
) {
  using progress = showProgress(io, quiet ? 'quiet' : 'shown')
  const onProgress = (event: PullEvent | BuildEvent): void => {
    if (event.type !== 'output') progress.report(event)
    else if (event.stream === 'stdout') io.out(event.bytes)
    else io.err(event.bytes)
  }
  const report = await engine.kube.play(yaml, { ...options, signal: io.interrupted, onProgress })
  for (const warning of report.warnings) io.warn(warning)
  return report
}

const without = {
  cgroupns: undefined,
  gidmap: [],
  ipc: undefined,
  pid: undefined,
  subgidname: undefined,
  subuidname: undefined,
  uidmap: [],
  uts: undefined,
}

function optionsOf(values: Values): KubePlayOptions {
  const caller = thisCaller()
  const users = namespaces.toSpec({ ...without, userns: values.userns }, caller).namespaces?.user
  const wrong = values.ip.find(ip => isIP(ip) === 0)
  if (wrong !== undefined) throw new UsageError(`invalid string being converted to IP address: ${wrong}`)
  return {
    registry: registry.toSpec({ ...unaskedOfRegistry, ...values }, caller),
    ...log.toSpec(values, caller),
    ...(values.build !== false && {
      build: { directory: values['context-dir'] ?? process.cwd(), when: values.build ? 'always' : 'missing' },
    }),
    ...defined({ network: parseNetworks(values.network), userNamespace: users }),
    staticIps: values.ip,
    staticMacs: values['mac-address'].map(checkMac),
    publish: values.publish.map(parsePublish),
    publishAll: values['publish-all'] ? 'yes' : 'no',
    onNameConflict: values.replace ? 'replace' : 'refuse',
    start: values.start ? 'yes' : 'no',
    ...(values['service-container'] && {
      service: { exitCodes: propagation(values['service-exit-code-propagation'] || 'none') },
    }),
    configMaps: values.configmap.map(path => ({ path, yaml: caller.readText(path) })),
    annotations: parseAssignments(
      values.annotation,
      text => `annotation ${JSON.stringify(text)} must include an '=' sign`,
    ),
    ...(values['no-hosts'] && { hostsFile: 'leave' as const }),
    ...(values['no-hostname'] && { hostnameFile: 'leave' as const }),
    names: values['no-pod-prefix'] ? 'plain' : 'prefixed',
    seccompRoot: values['seccomp-profile-root'],
    createCommand: ['podman', ...process.argv.slice(2)],
  }
}

function propagation(text: string): 'none' | 'any' | 'all' {
  if (text === 'none' || text === 'any' || text === 'all') return text
  throw new UsageError(`unsupported exit-code propagation ${JSON.stringify(text)}`)
}
