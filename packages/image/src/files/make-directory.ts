import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing. Node's own way of doing so never ends below a directory that says of
 * new entries that they are not there, as those of procfs do.
 */
export async function makeDirectory(path: string, options: { readonly mode?: number } = {}): Promise<void> {
  try {
    await mkdir(path, options)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await isDirectory(path))) return
    const above = dirname(path)
    if (code !== 'ENOENT' || above === path) throw error
    if (!(await isDirectory(above))) await makeDirectory(above, options)
    // Somebody else may have made either meanwhile.
    await mkdir(path, options).catch(async again => {
      if (again.code !== 'EEXIST' || !(await isDirectory(path))) throw again
    })
  }
}

const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true
