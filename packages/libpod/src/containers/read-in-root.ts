import { constants, fstatSync, readSync } from 'node:fs'
import { close, openat2, SyscallError } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'

const RESOLVE_IN_ROOT = 0x10
const RESOLVE_NO_MAGICLINKS = 0x02
/** The largest passwd or group file that is read. */
const limit = 1 << 20

/**
 * The text of a small file of a container's root, every link resolved within that root; undefined when there is none or it is
 * no regular file. @throws LibpodError IMAGE_INVALID when it is larger than 1 MiB
 */
export function readInRoot(root: number, path: string): string | undefined {
  const fd = openInRoot(root, path)
  if (fd === undefined) return undefined
  try {
    const { size } = fstatSync(fd)
    if (!fstatSync(fd).isFile()) return undefined
    if (size > limit)
      throw new LibpodError('IMAGE_INVALID', `${path} in the container is larger than ${limit} bytes`, {
        subject: path,
      })
    const bytes = Buffer.alloc(size)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0))
  } finally {
    close(fd)
  }
}

function openInRoot(root: number, path: string): number | undefined {
  try {
    return openat2(root, path, {
      flags: constants.O_RDONLY | constants.O_NONBLOCK,
      resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    })
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENXIO'].includes(error.code))
      return undefined
    throw error
  }
}
