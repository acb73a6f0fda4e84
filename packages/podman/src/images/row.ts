import type { ImageSummary } from '@libpod/libpod'
import { ago } from '../print/age.ts'
import { imageSize } from '../print/size.ts'

/** What a template sees of an image (podman-images(1)); an image has a row for each of its names. */
export interface Row {
  readonly [field: string]: unknown
  readonly ID: string
  readonly Id: string
  readonly Repository: string
  readonly Tag: string
  readonly ReadOnly: boolean
}

/** The rows of an image; one with the tag `<none>` when none of its names has one. */
export function rowsOf(image: ImageSummary, ids: 'short' | 'full'): readonly Row[] {
  const names = image.names.length > 0 ? image.names : ['<none>:<none>']
  const rows = names.map(name => rowOf(image, name, ids))
  const tagged = rows.filter(({ Tag }) => Tag !== '<none>')
  return tagged.length > 0 ? tagged : rows.slice(0, 1)
}

function rowOf(image: ImageSummary, name: string, ids: 'short' | 'full'): Row {
  const { repository, tag } = split(name)
  const created = new Date(image.created * 1000)
  return {
    ID: ids === 'short' ? image.id.slice(0, 12) : `sha256:${image.id}`,
    Id: image.id,
    Repository: repository,
    Tag: tag,
    Digest: image.digest,
    RepoTags: image.names,
    RepoDigests: image.digests,
    Created: ago(created.getTime()),
    CreatedSince: ago(created.getTime()),
    CreatedAt: goTime(created),
    CreatedTime: goTime(created),
    Size: imageSize(image.size),
    VirtualSize: image.size,
    SharedSize: image.sharedSize,
    Labels: image.labels,
    Containers: image.containers,
    Names: image.names,
    History: image.history.join(', '),
    ParentId: image.parentId,
    Dangling: image.dangling === 'yes',
    ReadOnly: image.readOnly === 'yes',
    IsManifestList: image.manifestList === 'yes',
    Arch: image.architecture,
    Os: image.os,
  }
}

/** A name without a tag is one with a digest, or none at all. */
function split(name: string): { readonly repository: string; readonly tag: string } {
  const [, repository = name, tag = '<none>'] = /^(.*?)(?::([^/:@]+))?(?:@.*)?$/.exec(name) ?? []
  return { repository, tag }
}

/** `2026-11-23 16:57:21 +0000 UTC`, as Go prints a time. */
const goTime = (time: Date) => `${time.toISOString().replace('T', ' ').replace(/\..*/, '')} +0000 UTC`

/** The members of `podman images --format json`. */
export const jsonOf = (image: ImageSummary) => ({
  Id: image.id,
  ParentId: image.parentId,
  RepoTags: null,
  RepoDigests: image.digests,
  Size: image.size,
  SharedSize: image.sharedSize,
  VirtualSize: image.size,
  Labels: Object.keys(image.labels).length > 0 ? image.labels : null,
  Containers: image.containers,
  ...(image.readOnly === 'yes' ? { ReadOnly: true } : {}),
  ...(image.dangling === 'yes' ? { Dangling: true } : {}),
  Digest: image.digest,
  ...(image.history.length > 0 ? { History: image.history } : {}),
  ...(image.names.length > 0 ? { Names: image.names } : {}),
  Created: image.created,
  CreatedAt: new Date(image.created * 1000).toISOString().replace('.000Z', 'Z'),
})
