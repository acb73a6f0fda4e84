import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilitiesOfMask, parseProcLimits } from '@libpod/runtime-tools'
import { outerUser } from '../rootless/outer-user.ts'

/** What the engine must know of the host; read once, cheaply, and passed as data. */
export interface HostFacts {
  readonly bootId: string
  /** `hybrid`: v1 controllers with a v2 hierarchy beside them. */
  readonly cgroups: 'v1' | 'hybrid' | 'v2'
  /** Controllers that a hybrid host keeps on the v2 hierarchy. */
  readonly controllersOnV2: readonly string[]
  /** Controllers of a v1 hierarchy that is not mounted where all are. */
  readonly controllersNowhere: readonly string[]
  /** Whether this process may lift its limit of locked memory; only looked at on a v2 host. */
  readonly locksMemory: 'yes' | 'no'
  readonly systemd: 'yes' | 'no'
  /** Whether systemd's journal listens and can be read. */
  readonly journal: 'yes' | 'no'
  /** The user's ids on the host: inside the user namespace of a rootless tool the outer ones. */
  readonly uid: number
  readonly gid: number
}

export function readHostFacts(): HostFacts {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers')
  const onV2 = text('/sys/fs/cgroup/unified/cgroup.controllers')
  return {
    bootId: text('/proc/sys/kernel/random/boot_id') ?? '',
    cgroups: unified ? 'v2' : onV2 === undefined ? 'v1' : 'hybrid',
    controllersOnV2: onV2?.split(' ').filter(Boolean) ?? [],
    controllersNowhere: unified ? [] : nowhere(text('/proc/self/cgroup') ?? ''),
    locksMemory: unified && !mayLockMemory() ? 'no' : 'yes',
    systemd: text('/proc/1/comm') === 'systemd' ? 'yes' : 'no',
    journal: readsJournal() ? 'yes' : 'no',
    ...outerUser(),
  }
}

/** A hierarchy's root has this file, which nobody makes by mistake. */
function nowhere(membership: string): readonly string[] {
  const controllers = membership.split('\n').flatMap(line => /^\d+:([^:]+):/.exec(line)?.[1] ?? [])
  return controllers.filter(
    name => !existsSync(join('/sys/fs/cgroup', name.replace(/^name=/, ''), 'cgroup.clone_children')),
  )
}

const unlimited = -1

function mayLockMemory(): boolean {
  if (parseProcLimits(text('/proc/self/limits') ?? '').memlock?.hard === unlimited) return true
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(text('/proc/self/status') ?? '')?.[1] ?? '0'
  return capabilitiesOfMask(effective).includes('CAP_SYS_RESOURCE')
}

/** Asked of the file system alone: starting a program would cost every command. */
function readsJournal(): boolean {
  if (!existsSync('/run/systemd/journal/socket')) return false
  const folders = (process.env.PATH ?? '').split(':').filter(folder => folder.startsWith('/'))
  return folders.some(folder => existsSync(join(folder, 'journalctl')))
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return undefined
  }
}
