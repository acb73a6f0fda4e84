import type { Compression } from '../layers/layers.ts'

/** How many first bytes tell the compression. */
export const magicLength = 6

/** What the first bytes say; anything unknown is taken as not compressed. */
export function sniff(head: Buffer): Compression {
  const hex = head.subarray(0, magicLength).toString('hex')
  if (hex.startsWith('1f8b08')) return 'gzip'
  if (hex.startsWith('28b52ffd') || /^5[0-9a-f]2a4d18/.test(hex)) return 'zstd'
  if (hex.startsWith('425a68')) return 'bzip2'
  if (hex.startsWith('fd377a585a00')) return 'xz'
  return 'none'
}
