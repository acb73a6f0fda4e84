import type { SecuritySpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { parseBool } from '../cli/values.ts'
import { checkDeviceRule, parseDevice } from './devices.ts'
import { optionGroup } from './group.ts'
import { parsePairs } from './pairs.ts'
import { someOf } from './process.ts'

type SecurityPart = Omit<SecuritySpec, 'namespaces' | 'idMappings'>

/** Capabilities, devices, kernel parameters and mandatory access control. */
export const security = optionGroup({
  flags: {
    'cap-add': strings('Add capabilities to the container'),
    'cap-drop': strings('Drop capabilities from the container'),
    device: strings('Add a host device to the container'),
    'device-cgroup-rule': strings('Add a rule to the cgroup allowed devices list'),
    gpus: strings("GPU devices to add to the container ('all' to pass all GPUs)"),
    privileged: bool('Give extended privileges to container'),
    'seccomp-policy': string('Policy for selecting a seccomp profile (experimental)', { shown: '"default"' }),
    'security-opt': list('Security Options'),
    sysctl: strings('Sysctl options'),
  },
  toSpec(values): SecurityPart {
    return {
      ...securityOptions(values['security-opt']),
      ...defined({
        privileged: values.privileged ? ('yes' as const) : undefined,
        capabilities:
          values['cap-add'].length + values['cap-drop'].length > 0
            ? defined({ add: someOf(values['cap-add']), drop: someOf(values['cap-drop']) })
            : undefined,
        devices: someOf(values.device.map(parseDevice)),
        deviceCgroupRules: someOf(values['device-cgroup-rule'].map(checkDeviceRule)),
        gpus: someOf(values.gpus),
        seccompPolicy: values['seccomp-policy'] === undefined ? undefined : seccompPolicy(values['seccomp-policy']),
        sysctl: values.sysctl.length > 0 ? parseSysctls(values.sysctl) : undefined,
      }),
    }
  },
})

const freeSysctls = new Set(
  'msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced'.split(' ').map(name => `kernel.${name}`),
)

/** Kernel parameters that belong to a namespace (podman-run(1), --sysctl). */
function parseSysctls(texts: readonly string[]): Record<string, string> {
  for (const text of texts) {
    const [name = '', value] = text.split(/=(.*)/s, 2)
    if (value === undefined) throw new UsageError(`${text} is invalid, sysctl values must be in the form of KEY=VALUE`)
    if (`${name.trim()}=${value.trim()}` !== text) throw new UsageError(`'${text}' is invalid, extra spaces found`)
    if (!freeSysctls.has(name) && !/^(net|fs\.mqueue)\./.test(name))
      throw new UsageError(`sysctl '${name}' is not allowed`)
  }
  return parsePairs(texts, 'sysctl')
}

function seccompPolicy(text: string): 'default' | 'image' {
  if (text === 'default' || text === 'image') return text
  throw new UsageError(`invalid seccomp policy ${JSON.stringify(text)}, valid policies are: ["default", "image"]`)
}

type Draft = { -readonly [K in keyof SecurityPart]?: SecurityPart[K] }

/** Every `--security-opt`, in order. */
export function securityOptions(texts: readonly string[]): SecurityPart {
  const draft: Draft = {}
  for (const text of texts) apply(text, draft)
  return draft
}

function apply(text: string, draft: Draft): void {
  const [, key = '', value] = /^([^=:]*)(?:[=:](.*))?$/s.exec(text) ?? []
  if (key === 'no-new-privileges') draft.noNewPrivileges = value === undefined || parseBool(value) ? 'yes' : 'no'
  else if (value === undefined) throw new UsageError(`invalid --security-opt 1: ${JSON.stringify(text)}`)
  else applyPair(key, value, { draft, text })
}

function applyPair(key: string, value: string, { draft, text }: { draft: Draft; text: string }): void {
  const paths = () => value.split(':')
  if (key === 'label' && value === 'nested') draft.labelNested = 'yes'
  else if (key === 'label') draft.labels = [...(draft.labels ?? []), value]
  else if (key === 'apparmor') draft.apparmor = value
  else if (key === 'seccomp') draft.seccomp = value
  else if (key === 'mask') draft.mask = [...(draft.mask ?? []), ...paths()]
  else if (key === 'unmask') draft.unmask = [...(draft.unmask ?? []), ...paths()]
  else if (key === 'systempaths' && value === 'unconfined') draft.unmask = ['ALL']
  else if (key === 'proc-opts') draft.procOptions = value.split(',')
  else throw new UsageError(`invalid --security-opt 2: ${JSON.stringify(text)}`)
}
