import type { VolumeRecord } from '../../volumes/volumes.ts'

const own = 'volume.podman.io/'
const ids = /^(uid|gid)=(\d+)$/

/** The other way round of `claimSpec`. */
export function claimOf(
  { name, driver, labels, options, uid, gid }: VolumeRecord,
  now: string,
): Readonly<Record<string, unknown>> {
  const words = (options.o ?? '').split(',').filter(Boolean)
  const found = words.flatMap(word => {
    const [, key, value] = ids.exec(word) ?? []
    return key === undefined ? [] : [[`${own}${key}`, value]]
  })
  const rest = words.filter(word => !ids.test(word)).join(',')
  const annotations = {
    [`${own}driver`]: driver,
    ...(options.device && { [`${own}device`]: options.device }),
    ...(options.image && { [`${own}image`]: options.image }),
    ...(options.type && { [`${own}type`]: options.type }),
    ...(rest && { [`${own}mount-options`]: rest }),
    // Its owner may be told without words of `o`.
    ...(uid !== 0 && { [`${own}uid`]: String(uid) }),
    ...(gid !== 0 && { [`${own}gid`]: String(gid) }),
    ...Object.fromEntries(found),
  }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { annotations, creationTimestamp: now, ...(Object.keys(labels).length > 0 && { labels }), name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
}
