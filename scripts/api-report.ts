/**
 * Writes down what each package promises: packages/<name>/api.txt has every public name with its signature, taken from the
 * declarations that the compiler wrote. A report that differs is a failure, so that no promise changes unseen.
 * Usage: node scripts/api-report.ts [--write], after `tsc -b`
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { repository } from './source-files.ts'

const comment = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm
const declaration = /^export (?:declare )?(?:abstract )?(?:function|const|class|interface|type) (\w+)/

/** The declarations of one module by name. A declaration begins in the first column and ends before the next that does. */
function declarations(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8').replaceAll(comment, '').split('\n')
  const found = new Map<string, string>()
  let current: string | undefined
  for (const line of lines) {
    if (/^[^\s})]/.test(line)) current = declaration.exec(line)?.[1]
    if (current !== undefined && line.trim() !== '')
      found.set(current, `${found.has(current) ? `${found.get(current)}\n` : ''}${line}`)
  }
  return found
}

interface Exported {
  readonly name: string
  readonly text: string
}

/** All that a module exports, through its re-exports. */
function exportsOf(file: string): Exported[] {
  const text = readFileSync(file, 'utf8').replaceAll(comment, '')
  const own = [...declarations(file)].map(([name, text]) => ({ name, text }))
  const stars = [...text.matchAll(/^export \* from '([^']+)'/gm)].flatMap(([, from = '']) =>
    exportsOf(declarationFile(file, from)),
  )
  const named = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)].flatMap(
    ([, names = '', from = '']) => pick(names, declarationFile(file, from)),
  )
  return [...own, ...stars, ...named]
}

const declarationFile = (file: string, from: string): string =>
  resolve(dirname(file), from.replace(/\.(js|ts)$/, '.d.ts'))

function pick(names: string, file: string): Exported[] {
  const available = new Map(exportsOf(file).map(({ name, text }) => [name, text]))
  const wanted = names
    .split(',')
    .map(name => name.trim().replace(/^type /, ''))
    .filter(Boolean)
  return wanted.map(name => {
    const [original = name, alias = original] = name.split(' as ')
    return { name: alias, text: available.get(original) ?? `export { ${name} }` }
  })
}

function report(folder: string): string {
  const { name, exports } = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8'))
  const doors = Object.entries(exports as Record<string, { types?: string }>).filter(([, door]) => door.types)
  const parts = doors.map(([door, { types = '' }]) => {
    const lines = exportsOf(join(repository, folder, types)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return `# ${door === '.' ? name : join(name, door)}\n\n${lines.map(({ text }) => text.replace(/^export (declare )?/, '')).join('\n\n')}\n`
  })
  return parts.join('\n')
}

const folders = globSync('packages/*', { cwd: repository }).filter(
  folder => JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')).private !== true,
)
let stale = 0
for (const folder of folders.toSorted()) {
  const file = join(repository, folder, 'api.txt')
  const text = report(folder)
  if (process.argv.includes('--write')) writeFileSync(file, text)
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(
      `${folder}/api.txt differs from what the package exports: look at the change, then node scripts/api-report.ts --write`,
    )
    stale++
  }
}
console.log(`public names: ${folders.length} packages, ${stale} stale`)
process.exitCode = stale === 0 ? 0 : 1
