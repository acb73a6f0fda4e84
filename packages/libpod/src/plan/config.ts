import { basename, dirname, join } from 'node:path'
import type { EngineConfig } from '../config/engine-config.ts'
import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'
import type { FoundImage } from '../images/images.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { ContainerConfig, NamedVolumeUse } from '../state/container.ts'
import { environment } from './environment.ts'
import { activeHealth, plannedHealth } from './health.ts'
import { parseSignal } from './signals.ts'

/** Everything that {@link planConfig} may look at. */
export interface ConfigSources {
  readonly id: string
  readonly name: string
  readonly spec: ContainerSpec
  readonly image: FoundImage | undefined
  readonly config: EngineConfig
  readonly options: ResolvedOptions
  /** `GR/DRV-containers/<id>/userdata`. */
  readonly directory: string
  readonly ports: readonly PortMapping[]
  readonly volumes: readonly NamedVolumeUse[]
  readonly namespace: { readonly idMappings?: ContainerConfig['idMappings'] & {}; readonly user?: string }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly podId?: string
  readonly lease?: ContainerConfig['lease'] & {}
  readonly hostnames: Hostnames
}

export interface Hostnames {
  readonly host: string
  /** Of the container whose UTS namespace is joined. */
  readonly joined?: string
}

/** What is decided about a container when it is created: the caller's wishes over the image's over the configuration's. Pure. */
export function planConfig(sources: ConfigSources): ContainerConfig {
  const { id, name, spec, image, config, options, directory } = sources
  const process = spec.process ?? {}
  const imageConfig = image?.config
  const line = commandLine(spec, image)
  const systemd = runsSystemd(spec.systemd, line.argv)
  const stopSignal = process.stopSignal ?? (systemd ? 'SIGRTMIN+3' : imageConfig?.stopSignal || 'SIGTERM')
  const health = plannedHealth(imageConfig?.healthcheck, spec.health)
  if (spec.sdnotify === 'healthy' && !activeHealth(health))
    throw new LibpodError(
      'SPEC_INVALID',
      'invalid argument: sdnotify policy "healthy" requires a healthcheck to be set',
    )
  return {
    spec: systemd ? { ...spec, systemd: 'always' } : spec,
    imageId: image?.id ?? '',
    imageName: image?.resolvedName ?? '',
    ...line,
    env: environment({
      defaults: config.containers.env,
      image: imageConfig?.env ?? [],
      process,
      host: sources.env,
      takeHost: config.containers.envHost ? 'all' : 'proxies',
    }),
    workdir: process.workdir ?? (imageConfig?.workdir || '/'),
    user: process.user ?? (imageConfig?.user || (sources.namespace.user ?? '')),
    hostname: hostname(spec, { id, name, fromName: config.containers.hostnameFromName, hosts: sources.hostnames }),
    labels: { ...imageConfig?.labels, ...spec.labels },
    stopSignal: parseSignal(stopSignal),
    stopTimeout: process.stopTimeout ?? config.engine.stopTimeout,
    networks: networksOf(spec, config.network.defaultNetwork),
    ports: sources.ports,
    exposed: [...new Set([...(imageConfig?.exposedPorts ?? []), ...(spec.network?.expose ?? [])])],
    volumes: sources.volumes,
    logDriver: spec.log?.driver ?? options.logDriver,
    logPath: spec.log?.path ?? join(directory, 'ctr.log'),
    runtime: options.runtime,
    runtimeName: options.runtimeName,
    // The caller's own group is one that the engine finds, not one that systemd makes.
    cgroupManager: spec.resources?.cgroups === 'split' ? 'cgroupfs' : options.cgroupManager,
    ...(hasOwnCgroup(spec, options) ? {} : { ownCgroup: 'no' as const }),
    ...(options.notifySocket && spec.sdnotify !== 'ignore' ? { notifySocket: options.notifySocket } : {}),
    ...(health ? { healthcheck: health } : {}),
    infra: spec.infra ?? 'no',
    ...(sources.podId ? { podId: sources.podId } : {}),
    ...(sources.lease ? { lease: sources.lease } : {}),
    ...(sources.namespace.idMappings ? { idMappings: sources.namespace.idMappings } : {}),
  }
}

const initPrograms = ['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init']

/** Whether the container is one for systemd: told so, or by the program that it starts, behind a shell or not (podman-run(1), --systemd). */
function runsSystemd(mode: ContainerSpec['systemd'], argv: readonly string[]): boolean {
  if (mode === 'always' || mode === 'never') return mode === 'always'
  const shell = argv.length > 2 && argv[0] === '/bin/sh' && argv[1] === '-c'
  const program = (shell ? argv[2] : argv[0]) ?? ''
  return initPrograms.includes(program) || basename(program) === 'systemd'
}

/** A given entrypoint drops the image's command; a given command replaces it (Dockerfile reference, ENTRYPOINT and CMD). */
function commandLine(
  spec: ContainerSpec,
  image: FoundImage | undefined,
): Pick<ContainerConfig, 'argv' | 'entrypoint' | 'command'> {
  const given = spec.process?.entrypoint
  const entrypoint =
    given?.filter((word, index) => !(index === 0 && word === '' && given.length === 1)) ??
    image?.config.entrypoint ??
    []
  const command = spec.process?.command?.length
    ? spec.process.command
    : given === undefined
      ? (image?.config.cmd ?? [])
      : []
  const argv = [...entrypoint, ...command]
  // The runtime says best that there is nothing to run.
  if (argv.length === 0) argv.push('')
  return { argv: spec.init ? ['/run/podman-init', '--', ...argv] : argv, entrypoint, command }
}

/** The caller's; with the host's UTS namespace or network the host's; with another container's namespace that one's. */
function hostname(
  spec: ContainerSpec,
  { id, name, fromName, hosts }: { id: string; name: string; fromName: boolean; hosts: Hostnames },
): string {
  const uts = spec.security?.namespaces?.uts
  if (spec.process?.hostname !== undefined) return spec.process.hostname
  if (uts?.kind === 'container') return hosts.joined ?? ''
  if (uts?.kind === 'host' || spec.network?.mode?.kind === 'host') return hosts.host
  return fromName ? name.replaceAll('_', '-') : id.slice(0, 12)
}

function networksOf(spec: ContainerSpec, usual: string): readonly NetworkAttachment[] {
  const mode = spec.network?.mode
  if (mode === undefined) return [{ name: usual }]
  if (mode.kind !== 'bridge') return []
  return mode.networks.length > 0 ? mode.networks : [{ name: usual }]
}

/** What older versions of Podman gave everybody, and a plain user cannot enter. */
const usualParent = '/libpod_parent'

/** Plain users may not make control groups; below one that is named they may have got the right to. */
function hasOwnCgroup({ resources = {} }: ContainerSpec, options: ResolvedOptions): boolean {
  if (options.rootless === 'no' || options.cgroupManager === 'systemd' || resources.cgroups === 'split') return true
  const { cgroupParent = '' } = resources
  return cgroupParent !== '' && cgroupParent !== usualParent && dirname(cgroupParent) !== usualParent
}
