import type { PullPolicy } from '../spec/container.ts'
import type { EngineConfig } from './engine-config.ts'

export type Table = Readonly<Record<string, unknown>>

/**
 * Lays one file over another as containers.conf(5) says: tables merge, later values replace, and a list that carries
 * `{append=true}` adds to what was there.
 */
export function mergeTables(under: Table, over: Table): Table {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    if (isTable(value) && isTable(before)) merged[key] = mergeTables(before, value)
    else if (Array.isArray(value)) merged[key] = mergeLists(Array.isArray(before) ? before : [], value)
    else merged[key] = value
  }
  return merged
}

/** `{append=true}` holds for this list and every later one, until a list says `{append=false}`. */
function mergeLists(before: readonly unknown[], list: readonly unknown[]): readonly unknown[] {
  const said = switchesOf(list).at(-1) ?? switchesOf(before).at(-1)
  const items = list.filter(item => !isSwitch(item))
  return said?.append === true ? [...before.filter(item => !isSwitch(item)), ...items, { append: true }] : items
}

const isSwitch = (item: unknown): item is Table => isTable(item) && typeof item.append === 'boolean'
const switchesOf = (list: readonly unknown[]): readonly Table[] => list.filter(isSwitch)

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The merged document as the engine uses it; what is absent or of a wrong type has its default. */
export function readConfig(document: Table, files: readonly string[]): EngineConfig {
  const containers = section(document.containers)
  const engine = section(document.engine)
  const network = section(document.network)
  return {
    containers: {
      annotations: containers.list('annotations') ?? [],
      capabilities: containers.list('default_capabilities'),
      sysctls: containers.list('default_sysctls') ?? ['net.ipv4.ping_group_range=0 0'],
      ulimits: containers.list('default_ulimits') ?? [],
      devices: containers.list('devices') ?? [],
      dns: {
        servers: containers.list('dns_servers') ?? [],
        search: containers.list('dns_searches') ?? [],
        options: containers.list('dns_options') ?? [],
      },
      envHost: containers.flag('env_host') ?? false,
      env: containers.list('env') ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      httpProxy: containers.flag('http_proxy') ?? true,
      init: containers.flag('init') ?? false,
      initPath: containers.text('init_path'),
      ipcns: containers.text('ipcns'),
      pidns: containers.text('pidns'),
      utsns: containers.text('utsns'),
      cgroupns: containers.text('cgroupns'),
      userns: containers.text('userns'),
      cgroups: containers.text('cgroups'),
      apparmorProfile: containers.text('apparmor_profile'),
      logDriver: containers.text('log_driver'),
      logSizeMax: containers.number('log_size_max') ?? -1,
      netns: containers.text('netns') ?? 'private',
      pidsLimit: containers.number('pids_limit') ?? 2048,
      readOnly: containers.flag('read_only') ?? false,
      seccompProfile: containers.text('seccomp_profile'),
      shmSize: containers.text('shm_size') ?? '65536k',
      timezone: containers.text('tz'),
      umask: containers.text('umask') ?? '0022',
      volumes: containers.list('volumes') ?? [],
      mounts: containers.list('mounts') ?? [],
      hostsFile: containers.flag('no_hosts') ? 'leave' : 'manage',
      baseHostsFile: containers.text('base_hosts_file'),
      privileged: containers.flag('privileged') ?? false,
      hostnameFromName: containers.flag('container_name_as_hostname') ?? false,
      oomScoreAdj: containers.number('oom_score_adj'),
      hostContainersInternalIp: containers.text('host_containers_internal_ip'),
    },
    engine: {
      cgroupManager: engine.text('cgroup_manager'),
      cdiSpecDirs: engine.list('cdi_spec_dirs'),
      conmonPath: engine.list('conmon_path') ?? [],
      conmonEnv: engine.list('conmon_env_vars') ?? [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ],
      detachKeys: engine.said('detach_keys') ?? 'ctrl-p,ctrl-q',
      eventsLogger: engine.text('events_logger'),
      eventsLogfilePath: engine.text('events_logfile_path'),
      eventsLogfileMaxSize:
        bytesOf(engine.text('events_logfile_max_size')) ?? engine.number('events_logfile_max_size') ?? 1_000_000,
      eventsInspectData: engine.flag('events_container_create_inspect_data') ?? false,
      helperBinariesDir: engine.list('helper_binaries_dir') ?? [
        '/usr/local/libexec/podman',
        '/usr/local/lib/podman',
        '/usr/libexec/podman',
        '/usr/lib/podman',
      ],
      hooksDir: engine.list('hooks_dir') ?? ['/usr/share/containers/oci/hooks.d'],
      imageParallelCopies: engine.number('image_parallel_copies'),
      compressionFormat: engine.text('compression_format'),
      compressionLevel: engine.number('compression_level'),
      addCompression: engine.list('add_compression') ?? [],
      pullPolicy: policyOf(engine.text('pull_policy')),
      retry: engine.number('retry'),
      retryDelay: engine.text('retry_delay'),
      runtime: engine.text('runtime'),
      networkCmdOptions: engine.list('network_cmd_options') ?? [],
      runtimesWithoutCgroups: engine.list('runtime_supports_nocgroups') ?? ['crun', 'crun-vm', 'krun'],
      runtimes: lists(engine.table('runtimes')),
      runtimesFlags: lists(engine.table('runtimes_flags')),
      volumePlugins: texts(engine.table('volume_plugins')),
      volumePluginTimeout: engine.number('volume_plugin_timeout') ?? 5,
      composeProviders: engine.list('compose_providers') ?? composeProviders,
      composeWarningLogs: engine.flag('compose_warning_logs') ?? true,
      staticDir: engine.text('static_dir'),
      tmpDir: engine.text('tmp_dir'),
      volumePath: engine.text('volume_path'),
      stopTimeout: engine.number('stop_timeout') ?? 10,
      noPivotRoot: engine.flag('no_pivot_root') ?? false,
      infraImage: engine.text('infra_image'),
      kubeGenerateType: engine.text('kube_generate_type'),
      imageVolumeMode: engine.text('image_volume_mode'),
    },
    network: {
      backend: network.text('network_backend'),
      cniPluginDirs: network.list('cni_plugin_dirs') ?? [
        '/usr/local/libexec/cni',
        '/usr/libexec/cni',
        '/usr/local/lib/cni',
        '/usr/lib/cni',
        '/opt/cni/bin',
      ],
      configDir: network.text('network_config_dir'),
      defaultNetwork: network.text('default_network') ?? 'podman',
      defaultSubnet: network.text('default_subnet') ?? '10.88.0.0/16',
      defaultSubnetPools: pools(network.items('default_subnet_pools')),
      pastaOptions: network.list('pasta_options') ?? [],
      defaultRootlessNetworkCmd: network.text('default_rootless_network_cmd'),
    },
    files,
  }
}

function policyOf(text = ''): PullPolicy {
  const word = text.toLowerCase()
  return word === 'always' || word === 'never' || word === 'newer' ? word : 'missing'
}

interface Section {
  text(key: string): string | undefined
  /** Also where it is empty. */
  said(key: string): string | undefined
  number(key: string): number | undefined
  flag(key: string): boolean | undefined
  list(key: string): readonly string[] | undefined
  table(key: string): Table
  items(key: string): readonly unknown[]
}

function section(value: unknown): Section {
  const table = isTable(value) ? value : {}
  const at = (key: string): unknown => (Object.hasOwn(table, key) ? table[key] : undefined)
  return {
    text: key => pick(at(key), (item): item is string => typeof item === 'string' && item !== ''),
    said: key => pick(at(key), (item): item is string => typeof item === 'string'),
    number: key => pick(at(key), (item): item is number => typeof item === 'number'),
    flag: key => pick(at(key), (item): item is boolean => typeof item === 'boolean'),
    list: key =>
      pick(
        withoutSwitches(at(key)),
        (item): item is readonly string[] => Array.isArray(item) && item.every(one => typeof one === 'string'),
      ),
    table: key => pick(at(key), isTable) ?? {},
    items: key => pick(at(key), (item): item is readonly unknown[] => Array.isArray(item)) ?? [],
  }
}

/** `1m`, `500KB`, `11300`: units of 1024, as Docker reads them. */
function bytesOf(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text ?? '') ?? []
  return digits === undefined ? undefined : Number(digits) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ')
}

const withoutSwitches = (value: unknown): unknown =>
  Array.isArray(value) ? value.filter(item => !isSwitch(item)) : value

const pick = <T>(value: unknown, is: (value: unknown) => value is T): T | undefined => (is(value) ? value : undefined)

const texts = (table: Table): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(table).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))

function lists(table: Table): Readonly<Record<string, readonly string[]>> {
  const found = Object.entries(table).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]))
  return Object.fromEntries(found)
}

const tenNets = Array.from({ length: 167 }, (_, index) => ({ base: `10.${index + 89}.0.0/16`, size: 24 }))

function pools(items: readonly unknown[]): EngineConfig['network']['defaultSubnetPools'] {
  const given = items
    .filter(isTable)
    .flatMap(({ base, size }) => (typeof base === 'string' && typeof size === 'number' ? [{ base, size }] : []))
  return given.length > 0 ? given : tenNets
}

/** As Podman has them, but first the one that needs no socket. */
const composeProviders = [
  'podman-compose',
  '$HOME/.docker/cli-plugins/docker-compose',
  '/usr/local/lib/docker/cli-plugins/docker-compose',
  '/usr/local/libexec/docker/cli-plugins/docker-compose',
  '/usr/lib/docker/cli-plugins/docker-compose',
  '/usr/libexec/docker/cli-plugins/docker-compose',
  'docker-compose',
]
