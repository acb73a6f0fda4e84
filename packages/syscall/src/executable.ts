import { accessSync, constants } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** Whether this process may run a file (access(2)). */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first program of a name; directories that depend on where somebody stands are passed over. */
export const findExecutable = (name: string, directories: readonly string[]): string | undefined =>
  directories
    .filter(directory => isAbsolute(directory))
    .map(directory => join(directory, name))
    .find(isExecutable)
