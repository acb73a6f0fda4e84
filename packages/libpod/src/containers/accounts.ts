import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import { readText } from '../host/read-text.ts'
import { type AccountTexts, missingAccounts } from '../plan/accounts.ts'
import type { ContainerRecord } from '../state/container.ts'
import { appendInRoot, openRoot, type Root, readInRoot } from './in-root.ts'
import type { ContainerPaths } from './paths.ts'

export interface Accounts extends AccountTexts {
  /** Files of ours over those of a root that may not be written. */
  readonly mounts: readonly Mount[]
}

interface Places {
  readonly root: Root
  readonly paths: Pick<ContainerPaths, 'run'>
  /** What will be mounted: /etc/passwd may be among it. */
  readonly mounts: readonly Mount[]
}

/** The account files that the container's process will see, entries that are missing added to them. @throws LibpodError SPEC_INVALID */
export function prepareAccounts(record: ContainerRecord, { root, paths, mounts }: Places): Accounts {
  const { spec, user, workdir } = record.config
  const process = spec.process ?? {}
  const seen = accountsSeen(root, mounts)
  const ask = user !== '' || process.groupEntry !== undefined || (process.hostUsers?.length ?? 0) > 0
  if (!ask) return { ...seen, mounts: [] }
  const missing = missingOf({ user, workdir, process, mountedAt: mounts.map(mount => mount.destination) }, seen)
  const readonly = spec.mounts?.rootfs?.readonly === 'yes'
  const files = (['passwd', 'group'] as const).filter(name => missing[name] !== '' && !isMounted(name, mounts))
  for (const name of readonly ? [] : files) appendInRoot(root.fd, `/etc/${name}`, missing[name])
  const own = readonly ? files.map(name => ({ name, text: seen[name] + missing[name] })) : []
  return {
    passwd: files.includes('passwd') ? seen.passwd + missing.passwd : seen.passwd,
    group: files.includes('group') ? seen.group + missing.group : seen.group,
    mounts: own.map(({ name, text }) => ownFile(join(paths.run, name), { name, text })),
  }
}

function missingOf(wishes: Parameters<typeof missingAccounts>[0], own: AccountTexts): AccountTexts {
  try {
    return missingAccounts(wishes, own, { passwd: readText('/etc/passwd'), group: '' })
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', (cause as Error).message, { cause })
  }
}

function ownFile(source: string, { name, text }: { name: string; text: string }): Mount {
  writeFileSync(source, text, { mode: 0o644 })
  const options = ['bind', 'rprivate', 'ro', 'nosuid', 'noexec', 'nodev']
  return { destination: `/etc/${name}`, type: 'bind', source, options }
}

const isMounted = (name: string, mounts: readonly Mount[]) => mounts.some(mount => mount.destination === `/etc/${name}`)

/** The files as they are, those that the caller mounts before those of the root. */
export function accountsSeen(root: Root, mounts: readonly Mount[]): AccountTexts {
  return { passwd: seen(root, 'passwd', mounts), group: seen(root, 'group', mounts) }
}

function seen(root: Root, name: string, mounts: readonly Mount[]): string {
  const own = mounts.findLast(mount => mount.destination === `/etc/${name}`)?.source
  if (own !== undefined) return readHostFile(own)
  const etc = mounts.findLast(mount => mount.destination === '/etc' && mount.type === 'bind')?.source
  if (etc === undefined) return readInRoot(root.fd, `/etc/${name}`) ?? ''
  using directory = openRoot(etc)
  return readInRoot(directory.fd, name) ?? ''
}

/** A file that the caller of the engine chose: only its size is judged. */
function readHostFile(path: string): string {
  using directory = openRoot(path.slice(0, path.lastIndexOf('/')) || '/')
  return readInRoot(directory.fd, path.slice(path.lastIndexOf('/') + 1)) ?? ''
}
