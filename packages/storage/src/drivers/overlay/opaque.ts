import { lgetxattr } from '@libpod/syscall'

/** The kernel's names, with privilege and within a user namespace, and fuse-overlayfs's own. */
const attributes = ['trusted.overlay.opaque', 'user.overlay.opaque', 'user.fuseoverlayfs.opaque']

/** Whether a directory hides what lower layers have in it, whoever marked it. */
export const isOpaque = (path: string | Buffer): boolean =>
  attributes.some(name => lgetxattr(path, name)?.toString() === 'y')
