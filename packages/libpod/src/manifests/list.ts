import { type Descriptor, type Digest, type IndexManifest, mediaTypes, type Platform } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { ListChanges } from './manifests.ts'

/** An index with nothing in it. */
export const emptyIndex: IndexManifest = { kind: 'index', mediaType: mediaTypes.dockerList, manifests: [] }

/** Says an index in the family that can hold all of it: docker's only for an empty one and for CPU features. */
export function settled(index: IndexManifest): IndexManifest {
  return { ...index, mediaType: needsOci(index) ? mediaTypes.ociIndex : mediaTypes.dockerList }
}

function needsOci({ manifests, annotations, artifactType, subject }: IndexManifest): boolean {
  if (artifactType !== undefined || subject !== undefined || !isEmpty(annotations)) return true
  if (manifests.some(entry => entry.artifactType !== undefined || !isEmpty(entry.annotations))) return true
  return manifests.length > 0 && !manifests.some(entry => (entry.platform?.features ?? []).length > 0)
}

const isEmpty = (record: Readonly<Record<string, string>> | undefined): boolean =>
  Object.keys(record ?? {}).length === 0

/** With the entry at the end; one with the same digest goes. */
export const withEntry = (index: IndexManifest, entry: Descriptor): IndexManifest => ({
  ...index,
  manifests: [...index.manifests.filter(({ digest }) => digest !== entry.digest), entry],
})

/** @throws LibpodError SPEC_INVALID when there is no such entry */
export function withoutEntry(index: IndexManifest, digest: Digest): IndexManifest {
  entryOf(index, digest)
  return { ...index, manifests: index.manifests.filter(entry => entry.digest !== digest) }
}

function entryOf(index: IndexManifest, digest: Digest): Descriptor {
  const found = index.manifests.find(entry => entry.digest === digest)
  if (found !== undefined) return found
  throw new LibpodError(
    'SPEC_INVALID',
    `no instance matching digest ${JSON.stringify(digest)} found in manifest list: file does not exist`,
    {
      subject: digest,
    },
  )
}

/** @throws LibpodError SPEC_INVALID when there is no such entry */
export function changeEntry(index: IndexManifest, digest: Digest, changes: ListChanges): IndexManifest {
  const changed = changedEntry(entryOf(index, digest), changes)
  return { ...index, manifests: index.manifests.map(entry => (entry.digest === digest ? changed : entry)) }
}

function changedEntry({ platform, ...entry }: Descriptor, changes: ListChanges): Descriptor {
  const annotations = { ...entry.annotations, ...changes.annotations }
  const changed = changedPlatform(platform, changes)
  return {
    ...entry,
    ...(!isEmpty(annotations) && { annotations }),
    ...(changed !== undefined && { platform: changed }),
  }
}

function changedPlatform(platform: Platform | undefined, changes: ListChanges): Platform | undefined {
  const { os, architecture, osVersion, osFeatures = [], features = [] } = changes
  // Another architecture drops the variant of the old one.
  const variant = architecture ? changes.variant : changes.variant || platform?.variant
  const { variant: _, ...rest } = platform ?? { os: '', architecture: '' }
  const changed: Platform = {
    ...rest,
    ...(os && { os }),
    ...(architecture && { architecture }),
    ...(osVersion && { 'os.version': osVersion }),
    ...(osFeatures.length > 0 && { 'os.features': osFeatures }),
    ...(variant && { variant }),
    ...(features.length > 0 && { features }),
  }
  return Object.values(changed).every(value => value === '') ? undefined : changed
}

export const changeIndex = (
  index: IndexManifest,
  changes: { readonly annotations?: Readonly<Record<string, string>>; readonly subject?: Descriptor },
): IndexManifest => {
  const annotations = { ...index.annotations, ...changes.annotations }
  return {
    ...index,
    ...(!isEmpty(annotations) && { annotations }),
    ...(changes.subject && { subject: changes.subject }),
  }
}
