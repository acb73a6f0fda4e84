import { posix } from 'node:path'
import { RuntimeToolsError } from '../errors.ts'

const throughDescriptor = /^\/proc\/(?:self|thread-self|\d+)\/(?:task\/\d+\/)?(?:fd|cwd|root|exe|map_files)(?:\/|$)/

/**
 * A working directory, cleaned. It must be absolute, and not go through a descriptor of a process: a runtime that leaks
 * one would start the container outside its root (CVE-2024-21626).
 * @throws RuntimeToolsError PATH_INVALID
 */
export function checkWorkdir(path: string): string {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, '')
  if (!clean.startsWith('/') || clean.includes('\0')) {
    throw new RuntimeToolsError('PATH_INVALID', `working directory "${path}" must be absolute`, { subject: path })
  }
  if (throughDescriptor.test(clean.replace(/^\/+/, '/'))) {
    const reason = `working directory "${path}" goes through a process's descriptors`
    throw new RuntimeToolsError('PATH_INVALID', reason, { subject: path })
  }
  return clean.replace(/^\/+/, '/')
}
