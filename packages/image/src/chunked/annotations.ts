import type { Descriptor } from '../manifest/descriptor.ts'

/** What a layer's descriptor says of its table of contents (containers/storage, pkg/chunked). */
export const chunkedKeys = {
  checksum: 'io.github.containers.zstd-chunked.manifest-checksum',
  position: 'io.github.containers.zstd-chunked.manifest-position',
  tarSplit: 'io.github.containers.zstd-chunked.tarsplit-position',
  /** No longer written. */
  tarSplitChecksum: 'io.github.containers.zstd-chunked.tarsplit-checksum',
} as const

const describing: readonly string[] = [
  ...Object.values(chunkedKeys),
  // eStargz's: true of a blob in gzip only.
  'containerd.io/snapshot/stargz/toc.digest',
]

export const isChunked = ({ annotations = {} }: Pick<Descriptor, 'annotations'>): boolean =>
  Object.hasOwn(annotations, chunkedKeys.checksum)

/** What is true of a layer however it is compressed. */
export const withoutChunked = (annotations: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !describing.includes(key)))
