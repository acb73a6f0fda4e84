import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { ownerOnHost } from './mapped-root.ts'
import type { ContainerPaths } from './paths.ts'

/** The container's secrets: files below its run directory, mounted at their targets, and environment lines that are kept nowhere. */
export async function secretsFor(
  rooms: Pick<Rooms, 'secrets'>,
  record: ContainerRecord,
  paths: ContainerPaths,
): Promise<{ readonly mounts: readonly Mount[]; readonly env: readonly string[] }> {
  const mounts: Mount[] = []
  const env: string[] = []
  for (const { source, as } of record.config.spec.secrets ?? []) {
    const data = await rooms.secrets.read(source)
    if (as.kind === 'env') {
      env.push(`${as.target ?? source}=${data.toString('utf8')}`)
      continue
    }
    const directory = join(paths.run, 'secrets')
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, source)
    writeFileSync(file, data, { mode: 0o400 })
    chmodSync(file, (as.mode ?? 0o444) & 0o777) // whatever this process's umask is
    const { uid, gid } = ownerOnHost(record, { uid: as.uid ?? 0, gid: as.gid ?? 0 })
    chownSync(file, uid, gid)
    const target = as.target ?? source
    mounts.push({
      destination: isAbsolute(target) ? target : join('/run/secrets', target),
      type: 'bind',
      source: file,
      options: ['bind', 'rprivate', 'ro', 'nosuid', 'noexec', 'nodev'],
    })
  }
  return { mounts, env }
}
