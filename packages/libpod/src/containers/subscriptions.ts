import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { removeTree } from '@libpod/storage'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { chownTree } from './chown-tree.ts'
import { ownerOnHost } from './mapped-root.ts'

/**
 * Files of the host that every container gets a copy of, such as the keys of a subscription (containers-mounts.conf(5)). A source
 * that is not there is left out; the runtime resolves the destination within the container.
 */
export function subscriptionMounts(
  { options }: Pick<Rooms, 'options'>,
  record: ContainerRecord,
  runDirectory: string,
): readonly Mount[] {
  const file = options.defaultMountsFiles.find(path => existsSync(path))
  if (file === undefined) return []
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map(line => line.trim())
  const pairs = lines.filter(line => line.startsWith('/')).map(line => line.split(':', 2))
  return pairs.flatMap(([source = '', destination = source]) => {
    if (!existsSync(source)) return []
    const copy = join(runDirectory, 'subscriptions', destination)
    removeTree(copy)
    cpSync(realpathSync(source), copy, { recursive: true, dereference: true, preserveTimestamps: true })
    if (record.config.idMappings) chownTree(copy, ownerOnHost(record, { uid: 0, gid: 0 }))
    return [{ destination, type: 'bind', source: copy, options: ['bind', 'rprivate'] }]
  })
}
