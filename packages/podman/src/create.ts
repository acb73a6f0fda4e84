import type { ContainerSpec, Engine } from '@libpod/libpod'
import { defined } from './cli/defined.ts'
import { UsageError } from './cli/usage-error.ts'
import type { ContainerValues } from './options/container.ts'
import { thisCaller } from './options/container.ts'
import { withDefaultMounts } from './options/mounts.ts'
import { registry } from './options/registry.ts'
import { showProgress } from './print/progress.ts'
import type { Terminal } from './terminal.ts'

/** A terminal of ours that a container has too would take orders from both. @throws UsageError */
export function refuseTerminal(values: Pick<ContainerValues, 'log-driver'>, io: Terminal): void {
  const streams = ['stdin', 'stdout', 'stderr'] as const
  if (values['log-driver'] === 'passthrough' && streams.some(name => io.isTerminal(name)))
    throw new UsageError(
      "the '--log-driver passthrough' option cannot be used on a TTY.  If you really want it, use '--log-driver passthrough-tty'",
    )
}

/** Creates the container, pulling its image with the caller's credentials and showing how far it is; resolves to the id. */
export async function createContainer(
  spec: ContainerSpec,
  values: ContainerValues & { readonly quiet: boolean },
  { engine, io }: { engine: Engine; io: Terminal },
): Promise<string> {
  if (values['kernel-memory'] !== undefined)
    io.err('The --kernel-memory flag is no longer supported. This flag is a noop.\n')
  using progress = showProgress(io, values.quiet ? 'quiet' : 'shown')
  const wanted = { ...withDefaultMounts(spec, engine.options), createCommand: ['podman', ...process.argv.slice(2)] }
  const pulled = await pullFirst(wanted, values, { engine, report: progress.report })
  const asked = pulled.pod?.startsWith('new:') ? await inNewPod(pulled, engine) : pulled
  const { id, warnings } = await engine.containers.create(asked, { onProgress: progress.report }).catch(async error => {
    if (asked !== pulled) await engine.pods.remove(asked.pod ?? '', { running: 'kill' }).catch(() => undefined)
    throw error
  })
  for (const warning of warnings) io.err(`${warning}\n`)
  return id
}

/** `--pod new:NAME` makes the pod first; the network, what is published and the hostname are the pod's then. */
async function inNewPod({ network, ...spec }: ContainerSpec, { pods }: Engine): Promise<ContainerSpec> {
  const name = spec.pod?.slice('new:'.length) ?? ''
  if (name === '') throw new UsageError('new pod name must be at least one character')
  const { hostname, ...own } = spec.process ?? {}
  const { createCommand, restart } = spec
  const { id } = await pods.create({ name, ...defined({ network, hostname, restart, createCommand }) })
  return { ...spec, process: own, pod: id }
}

/** Credentials and trust belong to the pull, not to the container: with such options the image is fetched beforehand. */
async function pullFirst(
  spec: ContainerSpec,
  values: ContainerValues,
  to: { engine: Engine; report: NonNullable<Parameters<Engine['images']['pull']>[1]>['onProgress'] & {} },
): Promise<ContainerSpec> {
  const access = registry.toSpec(values, thisCaller())
  const isDefault = Object.keys(access).length === 0
  if (isDefault || spec.image === undefined || spec.pullPolicy === 'never') return spec
  await to.engine.images.pull(spec.image, {
    policy: spec.pullPolicy ?? to.engine.options.pullPolicy,
    ...(spec.platform ? { platform: spec.platform } : {}),
    ...access,
    onProgress: to.report,
  })
  return { ...spec, pullPolicy: 'never' }
}
