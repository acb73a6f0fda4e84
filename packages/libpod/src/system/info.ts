import { statfs } from 'node:fs/promises'
import { cpus, hostname } from 'node:os'
import { basename } from 'node:path'
import { loadRegistries, type Registries } from '@libpod/image'
import { defaultCapabilities, knownWeaknesses, normalizeCapability } from '@libpod/runtime-tools'
import { isNested } from '../host/nested.ts'
import * as figures from './host-figures.ts'
import { packageOf, versionOf } from './packages.ts'
import type { SystemRooms } from './rooms.ts'
import type { SystemInfo } from './system.ts'
import { architecture, engineVersion } from './version.ts'

/** What `podman info` prints, key by key in its order. */
export async function systemInfo(rooms: SystemRooms): Promise<SystemInfo> {
  const { registriesConf } = rooms.options
  const [host, store, registries] = await Promise.all([
    hostInfo(rooms),
    storeInfo(rooms),
    loadRegistries(registriesConf === undefined ? {} : { registriesConf }),
  ])
  return {
    host,
    store,
    registries: showRegistries(registries),
    plugins: {
      volume: ['local', ...Object.keys(rooms.config.engine.volumePlugins)],
      network: ['bridge', 'macvlan', 'ipvlan'],
      log: ['k8s-file', 'none', 'passthrough', 'journald'],
      authorization: null,
    },
    version: { ...engineVersion() },
  }
}

const cgroupVersion = ({ cgroups }: SystemRooms['host']): 'v1' | 'v2' => (cgroups === 'v2' ? 'v2' : 'v1')

async function hostInfo(rooms: SystemRooms): Promise<Readonly<Record<string, unknown>>> {
  const { options, config, host } = rooms
  const { memFree, memTotal, swapFree, swapTotal } = figures.memory()
  const socket =
    options.rootless === 'yes' ? `${process.env.XDG_RUNTIME_DIR ?? ''}/podman/podman.sock` : '/run/podman/podman.sock'
  const slirp = figures.firstExisting(['/usr/bin/slirp4netns', '/usr/local/bin/slirp4netns'])
  const pasta = figures.firstExisting(['/usr/bin/pasta', '/usr/local/bin/pasta'])
  const [conmon, runtime, slirp4netns, pastaProgram, buildah] = await Promise.all([
    program(options.conmon),
    program(options.runtime),
    program(slirp),
    program(pasta),
    versionOf('buildah'),
  ])
  return {
    arch: architecture(),
    buildahVersion: /\d[\w.+-]*/.exec(buildah)?.[0] ?? '',
    cgroupManager: options.cgroupManager,
    cgroupVersion: cgroupVersion(host),
    cgroupControllers: figures.cgroupControllers(cgroupVersion(host)),
    conmon: { package: conmon.package, path: conmon.path, version: conmon.version.replaceAll('\n', ', ') },
    cpus: cpus().length,
    cpuUtilization: figures.cpuUtilization(),
    databaseBackend: 'sqlite',
    distribution: figures.distribution(),
    eventLogger: options.eventsBackend,
    freeLocks: null,
    hostname: hostname(),
    idMappings: figures.idMappings(options.rootless),
    kernel: figures.kernel(),
    logDriver: options.logDriver,
    memFree,
    memTotal,
    networkBackend: 'cni',
    networkBackendInfo: await cniInfo(config.network.cniPluginDirs),
    ociRuntime: {
      name: basename(options.runtime),
      package: runtime.package,
      path: runtime.path,
      version: runtime.version,
      ...verdict(options.runtime, runtime.version),
    },
    os: 'linux',
    pasta: { executable: pastaProgram.path, package: pastaProgram.package, version: pastaProgram.version },
    remoteSocket: { path: socket, exists: figures.firstExisting([socket]) !== '' },
    rootlessNetworkCmd: config.network.defaultRootlessNetworkCmd ?? 'pasta',
    security: security(rooms),
    serviceIsRemote: false,
    slirp4netns: { executable: slirp4netns.path, package: slirp4netns.package, version: slirp4netns.version },
    swapFree,
    swapTotal,
    uptime: figures.uptime(),
    variant: '',
    linkmode: 'dynamic',
  }
}

/** What is published of this version, which nothing that an engine does makes up for. */
function verdict(path: string, version: string): { readonly weaknesses?: readonly string[] } {
  const found = knownWeaknesses(basename(path), version).map(({ id, summary }) => `${id}: ${summary}`)
  return found.length > 0 ? { weaknesses: found } : {}
}

/** The plugin that answers names in networks is a package of its own. */
async function cniInfo(directories: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const path = figures.firstExisting([...directories])
  const dns = figures.firstExisting(directories.map(directory => `${directory}/dnsname`))
  return {
    backend: 'cni',
    ...(path === '' ? {} : { package: await packageOf(`${path}/bridge`), path }),
    dns: dns === '' ? {} : { package: await packageOf(dns), path: dns },
  }
}

async function program(path: string) {
  if (path === '') return { path, package: '', version: '' }
  const [from, version] = await Promise.all([packageOf(path), versionOf(path)])
  return { path, package: from, version }
}

function security({ options, config }: SystemRooms) {
  const profile =
    config.containers.seccompProfile ??
    figures.firstExisting(['/etc/containers/seccomp.json', '/usr/share/containers/seccomp.json'])
  return {
    apparmorEnabled: figures.appArmor(),
    capabilities: (config.containers.capabilities ?? defaultCapabilities).map(normalizeCapability).join(','),
    rootless: options.rootless === 'yes',
    seccompEnabled: figures.seccomp(),
    seccompProfilePath: profile,
    selinuxEnabled: figures.seLinux(),
  }
}

async function storeInfo(rooms: SystemRooms): Promise<Readonly<Record<string, unknown>>> {
  const { options } = rooms
  const store = await rooms.store()
  const [images, containers, space] = await Promise.all([
    store.images.list(),
    rooms.containers.list({ which: 'all' }),
    statfs(store.graphRoot),
  ])
  const count = (...states: readonly string[]): number =>
    containers.filter(({ state }) => states.includes(state)).length
  const [running, paused] = [count('running', 'stopping'), count('paused')]
  const allocated = space.blocks * space.bsize
  return {
    configFile:
      figures.firstExisting(
        [process.env.CONTAINERS_STORAGE_CONF ?? '', '/etc/containers/storage.conf'].filter(Boolean),
      ) || '/usr/share/containers/storage.conf',
    containerStore: { number: containers.length, paused, running, stopped: containers.length - paused - running },
    graphDriverName: store.driverName,
    graphOptions: await graphOptions(options.storageOptions),
    graphRoot: store.graphRoot,
    graphRootAllocated: allocated,
    graphRootUsed: allocated - space.bfree * space.bsize,
    graphStatus: graphStatus(store.driverName, space.type),
    imageCopyTmpDir: process.env.TMPDIR ?? '/var/tmp',
    imageStore: { number: images.length },
    runRoot: store.runRoot,
    transientStore: options.transientStore === 'yes',
    volumePath: options.volumePath,
  }
}

/** An option that stands twice says the last; image stores are collected as well, and a program for mounts is looked at. */
async function graphOptions(options: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const shown: Record<string, unknown> = {}
  for (const option of options) {
    const [, key = option, value = ''] = /^([^=]*)=(.*)$/s.exec(option) ?? []
    const stores = `${key.slice(0, key.lastIndexOf('.') + 1)}additionalImageStores`
    shown[key] = value
    if (/\.(additional)?imagestore$/.test(key)) shown[stores] = [...((shown[stores] ?? []) as string[]), value]
    if (key.endsWith('.mount_program'))
      shown[key] = { Executable: value, Package: await packageOf(value), Version: await versionOf(value) }
  }
  return shown
}

/** statfs(2) magic numbers, in the words of containers/storage. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
}

function graphStatus(driver: string, type: number): Readonly<Record<string, string>> {
  if (driver !== 'overlay') return {}
  return {
    'Backing Filesystem': fileSystems[type] ?? `<unknown> (${type})`,
    'Native Overlay Diff': 'true',
    'Supports d_type': 'true',
    'Supports shifting': String(!isNested()),
    'Supports volatile': 'true',
    'Using metacopy': 'false',
  }
}

/** The search list and each configured registry by its prefix. */
function showRegistries({ unqualifiedSearch, tables }: Registries): Readonly<Record<string, unknown>> {
  const shown = tables.map(table => [
    table.prefix,
    {
      Prefix: table.prefix,
      Location: table.location,
      Insecure: table.insecure === 'yes',
      Mirrors: table.mirrors.map(({ location, insecure, pullFromMirror }) => ({
        Location: location,
        Insecure: insecure === 'yes',
        PullFromMirror: pullFromMirror,
      })),
      Blocked: table.blocked === 'yes',
      MirrorByDigestOnly: table.mirrorByDigestOnly === 'yes',
      PullFromMirror: '',
    },
  ])
  return { ...Object.fromEntries(shown), ...(unqualifiedSearch.length > 0 && { search: unqualifiedSearch }) }
}
