import type { PodSpec, SecuritySpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { type FlagValues, list, string } from '../cli/flag.ts'
import { type Caller, optionGroup } from './group.ts'
import { readLabels } from './labels.ts'
import { mounts } from './mounts.ts'
import { namespaces } from './namespaces.ts'
import { limits } from './resources.ts'
import { parseRestart } from './restart.ts'
import { security } from './security.ts'

const { ipc: _ipc, cgroupns: _cgroupns, ...namespaceFlags } = namespaces.flags

const flags = {
  ...limits.flags,
  ...namespaceFlags,
  'cgroup-parent': string('Optional parent cgroup for the pod'),
  device: security.flags.device,
  gpus: security.flags.gpus,
  hostname: string('Set a hostname to the pod', { short: 'h' }),
  'infra-command': string('Overwrite the default ENTRYPOINT of the infra container'),
  'infra-conmon-pidfile': string("Path to the file that will receive the PID of the infra container's conmon"),
  'infra-name': string('The name used as infra container name'),
  label: list('Set metadata on pod', { short: 'l' }),
  'label-file': list('Read in a line delimited file of labels'),
  name: string('Assign a name to the pod', { short: 'n' }),
  restart: string(
    'Restart policy to apply when a container exits ("always"|"no"|"never"|"on-failure"|"unless-stopped")',
  ),
  'security-opt': security.flags['security-opt'],
  'shm-size': mounts.flags['shm-size'],
  'shm-size-systemd': mounts.flags['shm-size-systemd'],
  sysctl: security.flags.sysctl,
  volume: mounts.flags.volume,
  'volumes-from': mounts.flags['volumes-from'],
}

type Values = FlagValues<typeof flags>

/** What a pod is made with, and the clone of one with instead of what that has. */
export const pod = optionGroup({
  flags,
  toSpec(values, caller): PodSpec {
    const parts = {
      labels: readLabels(values, caller),
      resources: { ...limits.toSpec(values, caller), ...defined({ cgroupParent: values['cgroup-parent'] }) },
      security: securityOf(values, caller),
      mounts: mounts.toSpec({ ...noMounts, ...values }, caller),
    }
    return {
      ...defined({
        name: values.name || undefined,
        hostname: values.hostname,
        infraName: values['infra-name'],
        infraCommand: values['infra-command']?.split(' '),
        infraConmonPidFile: values['infra-conmon-pidfile'],
        restart: values.restart === undefined ? undefined : parseRestart(values.restart),
      }),
      ...Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)),
    }
  },
})

const noMounts = {
  chrootdirs: [],
  'image-volume': undefined,
  mount: [],
  'read-only': undefined,
  'read-only-tmpfs': true,
  'storage-opt': [],
  tmpfs: [],
}

const noSecurity = {
  'cap-add': [],
  'cap-drop': [],
  'device-cgroup-rule': [],
  privileged: false,
  'seccomp-policy': undefined,
}

const securityOf = (values: Values, caller: Caller): SecuritySpec => ({
  ...security.toSpec({ ...noSecurity, ...values }, caller),
  ...namespaces.toSpec({ ...values, ipc: undefined, cgroupns: undefined }, caller),
})
