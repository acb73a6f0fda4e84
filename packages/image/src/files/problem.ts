import { getSystemErrorMessage } from 'node:util'

/** Where Node's words are not those of the system. */
const words: Readonly<Record<string, string>> = {
  EEXIST: 'file exists',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
}

const calls: Readonly<Record<string, string>> = { scandir: 'open', opendir: 'open' }

/** What is wrong with a file, as the real tools say it: `open PATH: no such file or directory`. */
export function fileProblem(error: NodeJS.ErrnoException): string {
  const { code = '', errno, syscall = '', path } = error
  if (path === undefined || errno === undefined) return error.message
  return `${calls[syscall] ?? syscall} ${path}: ${words[code] ?? getSystemErrorMessage(errno)}`
}
