import { RuntimeToolsError } from '../errors.ts'
import type { Namespace, NamespaceType } from '../spec/linux.ts'

const ipcKeys = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/** The namespace that a kernel parameter belongs to; undefined when it is the whole host's. */
export function sysctlNamespace(key: string): NamespaceType | undefined {
  const dotted = key.replaceAll('/', '.')
  if (dotted.startsWith('net.')) return 'network'
  if (dotted.startsWith('fs.mqueue.') || ipcKeys.has(dotted)) return 'ipc'
  if (dotted === 'kernel.domainname' || dotted === 'kernel.hostname') return 'uts'
  return undefined
}

const spoken: Partial<Record<NamespaceType, string>> = { network: 'Network', ipc: 'IPC', uts: 'UTS' }

/**
 * Refuses parameters that would change the host: those of no namespace, and those of a namespace that is the host's.
 * @throws RuntimeToolsError SYSCTL_INVALID
 */
export function checkSysctls(sysctl: Readonly<Record<string, string>>, namespaces: readonly Namespace[]): void {
  for (const [key, value] of Object.entries(sysctl)) {
    const type = sysctlNamespace(key)
    if (type === undefined) {
      throw new RuntimeToolsError('SYSCTL_INVALID', `sysctl '${key}' is not allowed`, { subject: key })
    }
    if (namespaces.some(entry => entry.type === type)) continue
    const reason = `can't be set since ${spoken[type]} Namespace set to host`
    throw new RuntimeToolsError('SYSCTL_INVALID', `sysctl ${key}=${value} ${reason}`, { subject: key })
  }
}
