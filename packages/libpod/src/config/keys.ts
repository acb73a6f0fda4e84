/** What a value of containers.conf may be. */
export type Kind = 'text' | 'flag' | 'integer' | 'list' | 'texts' | 'lists' | 'tables'

const named = (kind: Kind, names: string): Readonly<Record<string, Kind>> =>
  Object.fromEntries(names.split(' ').map(name => [name, kind]))

/**
 * Every key of containers.conf(5) with what it takes, also of those that are not used here: other tools read the same files. Keys
 * that nobody knows are let pass, for newer tools may know them.
 */
export const keys: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  containers: {
    ...named(
      'text',
      'apparmor_profile base_hosts_file cgroupns cgroups host_containers_internal_ip init_path interface_name ipcns log_driver log_path log_tag netns pidns rootless_networking seccomp_profile shm_size tz umask userns utsns',
    ),
    ...named(
      'flag',
      'container_name_as_hostname env_host http_proxy init keyring label label_users no_hosts prepare_volume_on_create privileged read_only',
    ),
    ...named('integer', 'log_size_max oom_score_adj pids_limit userns_size'),
    ...named(
      'list',
      'annotations cgroup_conf default_capabilities default_sysctls default_ulimits devices dns_options dns_searches dns_servers env mounts volumes',
    ),
  },
  engine: {
    ...named(
      'text',
      'active_service cgroup_manager compression_format database_backend detach_keys events_logfile_path events_logger image_copy_tmp_dir image_default_format image_default_transport image_volume_mode infra_command infra_image init_path kube_generate_type lock_type namespace network_cmd_path pod_exit_policy pull_policy retry_delay runtime ssh_config static_dir tmp_dir volume_path',
    ),
    ...named(
      'flag',
      'cgroup_check compose_warning_logs enable_port_reservation events_container_create_inspect_data healthcheck_events multi_image_archive no_pivot_root remote',
    ),
    ...named(
      'integer',
      'compression_level exit_command_delay image_parallel_copies num_locks retry service_timeout stop_timeout volume_plugin_timeout',
    ),
    ...named(
      'list',
      'add_compression cdi_spec_dirs compose_providers conmon_env_vars conmon_path env helper_binaries_dir hooks_dir network_cmd_options runtime_supports_json runtime_supports_kvm',
    ),
    ...named('texts', 'platform_to_oci_runtime volume_plugins'),
    ...named('lists', 'runtimes runtimes_flags'),
    ...named('tables', 'service_destinations'),
  },
  network: {
    ...named(
      'text',
      'default_network default_rootless_network_cmd default_subnet firewall_driver network_backend network_config_dir',
    ),
    ...named('integer', 'dns_bind_port'),
    ...named('list', 'cni_plugin_dirs netavark_plugin_dirs pasta_options'),
  },
  secrets: { ...named('text', 'driver'), ...named('texts', 'opts') },
  machine: {
    ...named('text', 'image provider user'),
    ...named('flag', 'rosetta'),
    ...named('integer', 'cpus disk_size memory'),
    ...named('list', 'volumes'),
  },
  farms: { ...named('text', 'default') },
  podmansh: { ...named('text', 'container shell'), ...named('integer', 'timeout') },
}
