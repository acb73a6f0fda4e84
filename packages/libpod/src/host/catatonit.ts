import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The small init that containers get with `--init` and that holds pods: in the helper directories or on the path. */
export function findCatatonit(helperDirectories: readonly string[]): string | undefined {
  const search = [...helperDirectories, ...(process.env.PATH ?? '/usr/bin:/bin').split(delimiter)]
  return search.map(directory => join(directory, 'catatonit')).find(path => existsSync(path))
}
