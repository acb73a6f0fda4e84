import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { BuildSource } from './spec.ts'

/** Where Buildah finds what it builds from. */
export interface BuildPlace {
  readonly context: string
  /** `-` is what the build may read. */
  readonly files: readonly string[]
}

/**
 * The context and the Containerfiles of a build. What is not on this host (an archive, a git repository) is left to Buildah,
 * which fetches it. @throws LibpodError SPEC_INVALID
 */
export function placeOf({ context, files = [] }: Pick<BuildSource, 'context' | 'files'>): BuildPlace {
  const input = files.includes('-')
  if (context === undefined && input) return { context: '-', files: files.filter(file => file !== '-') }
  if (context !== undefined && isElsewhere(context)) return { context, files }
  const directory = context === undefined ? homeOf(files) : resolve(context)
  if (directory === undefined) throw invalid('no context directory and no Containerfile specified')
  if (kindOf(directory) !== 'directory') throw invalid(`context must be a directory: ${JSON.stringify(directory)}`)
  if (files.length === 0) return { context: directory, files: [usualFile(directory)] }
  return { context: directory, files: files.map(file => checked(file, directory)) }
}

const isElsewhere = (context: string): boolean =>
  context === '-' || /^(https?|git):\/\/|^github\.com\//.test(context) || /\.git(#.*)?$/.test(context)

const isFetched = (file: string): boolean => /^(https?|git):\/\/|^github\.com\//.test(file) || file === '-'

/** Without a context, the first Containerfile on this host says where it is. */
function homeOf(files: readonly string[]): string | undefined {
  const local = files.find(file => !isFetched(file))
  return local === undefined ? undefined : dirname(resolve(local))
}

function usualFile(context: string): string {
  for (const name of ['Containerfile', 'Dockerfile']) {
    const path = join(context, name)
    const kind = kindOf(path)
    if (kind === 'directory') throw invalid(`${name.toLowerCase()}:  cannot be path or directory`)
    if (kind === 'file') return path
  }
  throw invalid(
    `no Containerfile or Dockerfile specified or found in context directory, ${context}: no such file or directory`,
  )
}

/** As it is when it is there, else below the context. */
function checked(file: string, context: string): string {
  if (isFetched(file)) return file
  const places = [resolve(file), resolve(context, file)]
  for (const path of places) {
    const kind = kindOf(path)
    if (kind === 'directory') throw invalid(`containerfile: ${JSON.stringify(file)} cannot be path to a directory`)
    if (kind === 'file') return path
  }
  throw invalid(`the specified Containerfile or Dockerfile does not exist, ${file}: no such file or directory`)
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return found.isDirectory() ? 'directory' : 'file'
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)
