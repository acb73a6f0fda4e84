import { readdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'

const policies = (): readonly string[] => ['always', 'missing', 'never', 'newer']

/** What the values of a flag may be that needs no engine to tell: words of its own, or the host's. */
export const flagWords: Readonly<Record<string, () => readonly string[]>> = {
  'interface-name': () => Object.keys(networkInterfaces()),
  policy: policies,
  pull: policies,
  sysctl: () => kernelParameters('/proc/sys'),
}

/** As sysctl(8) writes them. What goes away meanwhile, or is nobody's to read, is left out. */
function kernelParameters(directory: string, prefix = ''): readonly string[] {
  return entriesOf(directory).flatMap(entry => {
    const name = `${prefix}${entry.name}`
    return entry.isDirectory() ? kernelParameters(join(directory, entry.name), `${name}.`) : [name]
  })
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
