import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const repository = join(import.meta.dirname, '..')

export interface Import {
  /** As it is written. */
  readonly from: string
  /** `type` leaves nothing at run time; `lazy` is `import()`. */
  readonly kind: 'value' | 'type' | 'lazy'
}

export interface SourceFile {
  /** Within the repository. */
  readonly path: string
  /** The package's folder name. */
  readonly package: string
  /** `src` is published; everything else is not. */
  readonly isPublished: boolean
  readonly imports: readonly Import[]
}

const statement = /^\s*(import|export)\s+(type\s+)?([\w*{][^'"]*?)\bfrom\s+['"]([^'"$]+)['"]/gm
const bare = /^\s*import\s+['"]([^'"]+)['"]/gm
const lazy = /(?<![.\w])import\(\s*['"]([^'"$]+)['"]/g
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

/** Every TypeScript file of the packages with what it imports. */
export function sourceFiles(): SourceFile[] {
  const paths = globSync('packages/*/{src,test,bin,scripts,examples}/**/*.ts', {
    cwd: repository,
    exclude: path => path.endsWith('node_modules'),
  })
  return paths
    .filter(path => !path.endsWith('.d.ts'))
    .toSorted()
    .map(readSource)
}

function readSource(path: string): SourceFile {
  const [, name = '', folder] = path.split('/')
  const text = readFileSync(join(repository, path), 'utf8').replaceAll(comments, '')
  return { path, package: name, isPublished: folder === 'src' || folder === 'bin', imports: importsOf(text) }
}

/** The imports and re-exports of a module's text. */
function importsOf(text: string): Import[] {
  return [
    ...[...text.matchAll(statement)].map(([, , type, names = '', from = '']) => ({
      from,
      kind: type || onlyTypes(names) ? ('type' as const) : ('value' as const),
    })),
    ...[...text.matchAll(bare)].map(([, from = '']) => ({ from, kind: 'value' as const })),
    ...[...text.matchAll(lazy)].map(([, from = '']) => ({ from, kind: 'lazy' as const })),
  ]
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const listed = /^\s*\{([\s\S]*)\}\s*$/
    .exec(names)?.[1]
    ?.split(',')
    .map(name => name.trim())
  return listed?.filter(Boolean).every(name => name.startsWith('type ')) ?? false
}

/** The file that a relative import means. */
export const resolveImport = (file: SourceFile, from: string): string =>
  relative(repository, join(repository, dirname(file.path), from))
