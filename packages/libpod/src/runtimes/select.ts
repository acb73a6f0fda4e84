import { basename, isAbsolute, join } from 'node:path'
import { isExecutable } from '@libpod/syscall'
import type { EngineConfig } from '../config/engine-config.ts'
import { LibpodError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'

/** In the order they are tried when nobody chose. */
const preferred = ['crun', 'runc', 'youki']
const directories = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/sbin',
  '/bin',
  '/run/current-system/sw/bin',
]

/** Whether a runtime's containers are processes of this very kernel; one of another name may run a machine, or its own kernel. */
export const makesProcesses = (path: string): boolean => preferred.includes(basename(path))

/** An OCI runtime with runc's command line. */
export interface RuntimeChoice {
  readonly name: string
  readonly path: string
}

/**
 * The runtime to use. A named one is taken as it is, and the configured one has to be there; else the first installed one that can work with the host's control groups:
 * crun refuses a hybrid host while a controller sits on the v2 hierarchy, leaves directories of plain files behind where one's
 * hierarchy is not mounted, and on a v2 host makes no container for a root that may not lift its limit of locked memory. No
 * program is run to find out.
 * @throws LibpodError RUNTIME_UNAVAILABLE
 */
export function selectRuntime(
  asked: string | undefined,
  config: EngineConfig['engine'],
  host: GroupFacts,
): RuntimeChoice {
  if (asked) return named(asked, config)
  if (config.runtime && !pathOf(config.runtime, config)) return named(config.runtime, config)
  const order = config.runtime ? [config.runtime, ...preferred.filter(name => name !== config.runtime)] : preferred
  const installed = order.flatMap(name => {
    const path = pathOf(name, config)
    return path ? [{ name: isAbsolute(name) ? basename(name) : name, path }] : []
  })
  const found = installed.find(({ name }) => canWork(name, host)) ?? installed[0]
  if (!found)
    throw new LibpodError('RUNTIME_UNAVAILABLE', `no OCI runtime found: none of ${order.join(', ')} is installed`, {
      hint: 'install crun or runc',
    })
  return found
}

type GroupFacts = Pick<HostFacts, 'cgroups' | 'controllersOnV2' | 'controllersNowhere' | 'locksMemory' | 'uid'>

const canWork = (name: string, host: GroupFacts): boolean => !name.startsWith('crun') || crunWorks(host)

function crunWorks({ cgroups, controllersOnV2, controllersNowhere, locksMemory, uid }: GroupFacts): boolean {
  if (cgroups === 'hybrid') return controllersOnV2.length + controllersNowhere.length === 0
  // A plain user's containers do without the filter of devices that the memory is for.
  return cgroups === 'v1' || locksMemory === 'yes' || uid !== 0
}

function named(asked: string, config: EngineConfig['engine']): RuntimeChoice {
  const path = isAbsolute(asked) ? asked : pathOf(asked, config)
  if (!path) {
    throw new LibpodError('RUNTIME_UNAVAILABLE', `default OCI runtime "${asked}" not found: invalid argument`, {
      subject: asked,
      hint: 'give the path of the runtime',
    })
  }
  if (!isExecutable(path)) {
    const message = `no valid executable found for OCI runtime ${asked}: invalid argument`
    throw new LibpodError('RUNTIME_UNAVAILABLE', message, { subject: asked })
  }
  return { name: asked, path }
}

function pathOf(name: string, config: EngineConfig['engine']): string | undefined {
  const configured = Object.hasOwn(config.runtimes, name) ? (config.runtimes[name] ?? []) : []
  const usual = isAbsolute(name) ? [name] : directories.map(directory => join(directory, name))
  return [...configured, ...usual].find(isExecutable)
}
