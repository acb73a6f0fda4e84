import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RuntimeToolsError } from '../errors.ts'
import type { CdiSpec } from './cdi.ts'

/** Where CDI files are, the later directory having priority. */
export const cdiDirectories: readonly string[] = ['/etc/cdi', '/var/run/cdi']

const sizeLimit = 4 << 20

/**
 * The CDI files of directories, a later directory's after an earlier's. JSON is read here; for YAML pass a parser, such as
 * `parse` of the `yaml` package, or those files are left out.
 * @throws RuntimeToolsError CDI_INVALID
 */
export async function readCdiSpecs(
  directories: readonly string[] = cdiDirectories,
  options: ReadCdiOptions = {},
): Promise<readonly CdiSpec[]> {
  const specs: CdiSpec[] = []
  for (const directory of directories) {
    for (const name of await filesOf(directory)) {
      const parse = name.endsWith('.json') ? JSON.parse : options.parseYaml
      if (!parse) continue
      const spec = await readCdiFile(join(directory, name), parse).catch(error => {
        if (options.invalid !== 'skip') throw error
      })
      if (spec) specs.push(spec)
    }
  }
  return specs
}

export interface ReadCdiOptions {
  readonly parseYaml?: (text: string) => unknown
  /** What happens when a file is malformed. Absent: `refuse`. */
  readonly invalid?: 'refuse' | 'skip'
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter(name => /\.(json|ya?ml)$/.test(name)).sort()
}

async function readCdiFile(path: string, parse: (text: string) => unknown): Promise<CdiSpec> {
  if ((await stat(path)).size > sizeLimit) throw invalid(path, 'it is too large')
  return parseCdi(path, await parsed(path, parse))
}

async function parsed(path: string, parse: (text: string) => unknown): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return parse(text)
  } catch (cause) {
    throw invalid(path, 'it cannot be parsed', cause)
  }
}

/** A CDI file's content, judged by its schema; `name` is for the error. @throws RuntimeToolsError CDI_INVALID */
export async function parseCdi(name: string, value: unknown): Promise<CdiSpec> {
  const { checkCdi } = await import('../schema/checkers.ts')
  const [first] = checkCdi(value)
  if (first) throw invalid(name, `${first.path || 'it'} ${first.message}`)
  return value as CdiSpec
}

const invalid = (path: string, reason: string, cause?: unknown) =>
  new RuntimeToolsError('CDI_INVALID', `CDI file ${path}: ${reason}`, { subject: path, cause })
