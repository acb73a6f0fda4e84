import { goesAtEnd } from '../containers/goes-at-end.ts'
import { deviceRule } from '../plan/spec.ts'
import { umaskText } from '../plan/umask.ts'
import type { ContainerSpec, LogSpec } from '../spec/container.ts'
import type { ProcessSpec } from '../spec/process.ts'
import type { DeviceRequest, SecuritySpec } from '../spec/security.ts'
import { healthOf } from './health.ts'
import { idMappings } from './ids.ts'
import { type GeneratedNamespace, namespaceOf } from './namespaces.ts'
import { exposed, namesOf, networksOf, portMappings, programOptions } from './network.ts'
import { resourceLimits, rlimitsOf } from './resources.ts'
import { type ContainerSource, type Generated, present, sorted, yes } from './source.ts'
import { shmOf, storageOf } from './storage.ts'

/**
 * The `SpecGenerator` of Podman's API (POST /libpod/containers/create) that makes a container like this one, key by key in its
 * order. Unlike Podman's own it leaves nothing out that was asked for; files that are one container's alone are not in it. Pure.
 */
export function containerGenerator(source: ContainerSource, name: string): Generated {
  const namespaces = namespacesOf(source)
  return {
    ...basics(source, name, namespaces),
    ...storage(source, namespaces),
    ...security(source, namespaces),
    ...network(source, namespaces),
    ...present(resources(source)),
    ...healthOf(source.record.config.healthcheck),
  }
}

type Kinds = 'pid' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'net'

function namespacesOf({ record, pod }: ContainerSource): Readonly<Record<Kinds, GeneratedNamespace>> {
  const { security = {}, network } = record.config.spec
  const { pid, uts, ipc, user, cgroup } = security.namespaces ?? {}
  const infra = pod?.infraId
  const ownIds = security.idMappings !== undefined ? 'private' : 'default'
  return {
    pid: namespaceOf(pid, 'default', infra),
    uts: namespaceOf(uts, 'private', infra),
    ipc: namespaceOf(ipc, 'default', infra),
    user: namespaceOf(user, ownIds, infra),
    cgroup: namespaceOf(cgroup, 'default', infra),
    net: namespaceOf(network?.mode, 'bridge', infra),
  }
}

type Namespaces = ReturnType<typeof namespacesOf>

function basics({ record, runtimeName }: ContainerSource, name: string, { pid, uts }: Namespaces): Generated {
  const { spec, podId, entrypoint, command, labels, env, runtimeName: runtime } = record.config
  const { process = {}, security: { sysctl } = {} } = spec
  return {
    ...present({ name, pod: podId, entrypoint }),
    // An entrypoint taken away is not the same as none said.
    ...(process.entrypoint?.length === 0 && { entrypoint: [] }),
    ...present({
      command,
      env: sorted({ ...Object.fromEntries(env.map(variable)), ...filledIn(process) }),
      terminal: process.terminal === 'tty' || undefined,
      stdin: process.stdin === 'open' || undefined,
      labels: sorted(labels),
      annotations: sorted(spec.annotations),
      stop_signal: process.stopSignal === undefined ? undefined : record.config.stopSignal,
      stop_timeout: process.stopTimeout,
      timeout: spec.timeout || undefined,
      log_configuration: logOf(spec.log),
      restart_policy: spec.restart?.name,
      restart_tries: spec.restart?.maxRetries,
      oci_runtime: runtime === runtimeName ? undefined : runtime,
      systemd: systemdWords[spec.systemd ?? 'auto'],
      sdnotifyMode: spec.sdnotify ?? 'container',
    }),
    pidns: pid,
    utsns: uts,
    ...present({
      hostname: process.hostname,
      hostusers: process.hostUsers,
      sysctl: sorted(sysctl),
      remove: goesAtEnd(record.config) || undefined,
      removeImage: spec.onExit === 'remove-with-image' || undefined,
      containerCreateCommand: spec.createCommand,
      timezone: process.timezone,
      dependencyContainers: spec.dependencies,
      secret_env: secretEnv(spec),
    }),
    init_container_type: spec.initContainer ?? '',
    ...present({
      personality: process.personality === undefined ? undefined : { domain: process.personality },
      unsetenv: process.unsetEnv === 'all' ? undefined : process.unsetEnv,
      unsetenvall: process.unsetEnv === 'all' || undefined,
      manage_password: process.passwd === 'leave' ? false : undefined,
      passwd_entry: process.passwdEntry,
      group_entry: process.groupEntry,
    }),
  }
}

const variable = (line: string): readonly [string, string] => {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

/** What a start would add of itself. */
const filledIn = ({ terminal, hostname }: ProcessSpec): Readonly<Record<string, string>> => ({
  ...(terminal === 'tty' && { TERM: 'xterm' }),
  ...(hostname !== undefined && { HOSTNAME: hostname }),
})

const systemdWords = { auto: undefined, always: 'always', never: 'false' } as const

/** Without a path: two containers do not write one file. */
function logOf(log: LogSpec | undefined): Generated | undefined {
  if (!log) return undefined
  const { driver, maxSize, tag, labels } = log
  return present({ driver, size: maxSize, labels: sorted(labels), options: present({ tag }) })
}

const secretEnv = ({ secrets = [] }: ContainerSpec): Generated =>
  Object.fromEntries(
    secrets.flatMap(({ source, as }) => (as.kind === 'env' ? [[as.target ?? source, source] as const] : [])),
  )

function storage({ record }: ContainerSource, { ipc }: Namespaces): Generated {
  const { spec, imageId, volumes } = record.config
  const { mounts = {}, security = {}, process = {}, rootfs } = spec
  return {
    image: imageId,
    ...present({
      rootfs: rootfs?.path,
      rootfs_overlay: rootfs?.overlay === 'temporary' || undefined,
      image_volume_mode: mounts.imageVolumes,
      volumes_from: mounts.volumesFrom,
      init: spec.init === undefined ? undefined : true,
      init_path: spec.init?.path,
      ...storageOf(mounts.mounts ?? [], volumes),
      devices: devicesOf(security),
      device_cgroup_rule: security.deviceCgroupRules?.map(deviceRule),
      host_device_list: devicesOf(security),
      gpus: security.gpus,
    }),
    ipcns: ipc,
    ...shmOf(mounts, ipc.nsmode),
    ...present({
      work_dir: process.workdir,
      create_working_dir: yes(mounts.createWorkdir),
      storage_opts: mounts.storageOptions,
      rootfs_propagation: mounts.rootfs?.propagation,
      secrets: secretFiles(spec),
      volatile: goesAtEnd(record.config) || undefined,
      chroot_directories: mounts.chrootDirs,
    }),
  }
}

/** As on the command line: that is how the API takes a device whose numbers it is to look up. */
const devicesOf = ({ devices = [] }: SecuritySpec): readonly Generated[] =>
  devices.map(device => ({ path: deviceText(device), type: '', major: 0, minor: 0 }))

export const deviceText = ({ hostPath, containerPath, access }: DeviceRequest): string =>
  [hostPath, containerPath ?? (access === undefined ? undefined : hostPath), access]
    .filter(part => part !== undefined)
    .join(':')

const secretFiles = ({ secrets = [] }: ContainerSpec): readonly Generated[] =>
  secrets.flatMap(({ source, as }) =>
    as.kind === 'mount'
      ? [{ Source: source, Target: as.target ?? source, UID: as.uid ?? 0, GID: as.gid ?? 0, Mode: as.mode ?? 0o444 }]
      : [],
  )

function security({ record, defaults, pod }: ContainerSource, { user, cgroup }: Namespaces): Generated {
  const { spec } = record.config
  const { security: asked = {}, process = {}, mounts = {}, resources: limits = {} } = spec
  const readOnly = mounts.rootfs?.readonly === 'yes'
  return {
    privileged: asked.privileged === 'yes',
    ...present({
      user: record.config.user,
      groups: process.supplementaryGroups,
      cap_add: asked.capabilities?.add,
      cap_drop: asked.capabilities?.drop,
      selinux_opts: asked.labels?.length ? asked.labels : ['disable'],
      apparmor_profile: asked.apparmor,
      seccomp_policy: asked.seccompPolicy,
      seccomp_profile_path: asked.seccomp,
      no_new_privileges: yes(asked.noNewPrivileges),
    }),
    userns: user,
    idmappings: idMappings(record.config),
    ...(readOnly && { read_only_filesystem: true, read_write_tmpfs: mounts.readOnlyTmpfs !== 'no' }),
    label_nested: asked.labelNested === 'yes',
    umask: umaskText(process, defaults),
    ...present({ procfs_opts: asked.procOptions, mask: asked.mask, unmask: asked.unmask }),
    cgroupns: cgroup,
    ...present({
      cgroups_mode: limits.cgroups,
      cgroup_parent: limits.cgroupParent === pod?.cgroup ? undefined : limits.cgroupParent,
    }),
  }
}

function network({ record }: ContainerSource, { net }: Namespaces): Generated {
  const { ports, spec } = record.config
  const { network: asked = {} } = spec
  return {
    netns: net,
    ...present({
      portmappings: portMappings(ports),
      // All of them are published by now.
      expose: asked.publishAll === 'yes' ? undefined : exposed(asked.expose ?? []),
    }),
    Networks: networksOf(record),
    ...present({ use_image_resolve_conf: asked.resolvConf === 'leave' || undefined, ...namesOf(asked) }),
    use_image_hostname: asked.hostnameFile === 'leave',
    use_image_hosts: asked.hostsFile === 'leave',
    ...present({ base_hosts_file: asked.baseHostsFile, network_options: programOptions(asked) }),
  }
}

function resources(source: ContainerSource): Generated {
  const { process = {}, resources: asked = {} } = source.record.config.spec
  return {
    intelRdt: asked.intelRdtClosId === undefined ? undefined : { closID: asked.intelRdtClosId },
    resource_limits: resourceLimits(source),
    r_limits: rlimitsOf(process),
    oom_score_adj: process.oomScoreAdj,
    unified: asked.unified,
  }
}
