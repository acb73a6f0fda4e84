/**
 * Keeps the house in order: who may import whom, no circles, no deep or undeclared imports, no I/O in what is pure. Also draws
 * docs/packages.md; a stale drawing is a failure. Usage: node scripts/arrows.ts [--write]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { type Import, repository, resolveImport, type SourceFile, sourceFiles } from './source-files.ts'

/** What the published part of each package may import of the others. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  syscall: [],
  image: [],
  'runtime-tools': [],
  cni: [],
  'go-template': [],
  storage: ['syscall'],
  conmon: ['syscall'],
  libpod: ['image', 'storage', 'runtime-tools', 'cni', 'conmon', 'syscall', 'go-template'],
  podman: ['libpod', 'image', 'go-template'],
  'test-kit': [],
}
/** Only through `import()`, for those who have the other package installed. */
const mayImportLazily: Readonly<Record<string, readonly string[]>> = { image: ['storage'] }

/** Folders and files that compute and touch nothing. */
const pure = [
  /^packages\/image\/src\/(reference|manifest)\//,
  /^packages\/storage\/src\/records\/(?!atomic-write|big-data|record-file)/,
  /^packages\/runtime-tools\/src\/(generate|capabilities)\//,
  /^packages\/cni\/src\/(result)\//,
  /^packages\/conmon\/src\/(argv|frames|detach-keys|last-words)\.ts$/,
  /^packages\/conmon\/src\/logs\/(k8s-file|json-file|lines|entry)\.ts$/,
  /^packages\/libpod\/src\/(spec|plan)\//,
  /^packages\/podman\/src\/(cli|options)\/(?!container|selection|pod-selection)/,
  /^packages\/go-template\/src\//,
]
const touching =
  /^(node:)?(fs|fs\/promises|tls|http|https|http2|dgram|child_process|worker_threads|sqlite|ffi|dns)$|^(undici|@libpod\/syscall)$/

interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(repository, path, 'package.json'), 'utf8'))
const rootManifest = readManifest('.')
const manifests = new Map<string, Manifest>()
const manifestOf = (name: string): Manifest =>
  manifests.getOrInsertComputed(name, () => readManifest(`packages/${name}`))

const problems: string[] = []
const report = (file: SourceFile, problem: string): void => void problems.push(`${file.path}: ${problem}`)
const arrows = new Set<string>()

function checkImport(file: SourceFile, { from, kind }: Import): void {
  if (file.isPublished && pure.some(pattern => pattern.test(file.path)) && kind !== 'type' && touching.test(from))
    report(file, `is pure, but imports ${from}`)
  if (from.startsWith('.')) checkRelative(file, from)
  else if (isBuiltin(from) || from.startsWith('node:')) checkBuiltin(file, from)
  else checkPackage(file, { from, kind })
}

function checkPackage(file: SourceFile, { from, kind }: Import): void {
  const own = /^@libpod\/([^/]+)(\/.+)?$/.exec(from)
  checkDeclared(
    file,
    own
      ? `@libpod/${own[1]}`
      : from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/'),
  )
  if (own) checkArrow(file, { to: own[1] ?? '', inner: own[2], kind })
}

function checkRelative(file: SourceFile, from: string): void {
  const target = resolveImport(file, from)
  if (!target.startsWith(`packages/${file.package}/`) && file.isPublished)
    report(file, `reaches into another package: ${from}`)
  if (!existsSync(join(repository, target))) report(file, `imports what is not there: ${from}`)
}

function checkBuiltin(file: SourceFile, from: string): void {
  if (!from.startsWith('node:')) report(file, `imports ${from} without node:`)
  if (from === 'node:ffi' && file.package !== 'syscall') report(file, 'only packages/syscall may import node:ffi')
}

function checkDeclared(file: SourceFile, name: string): void {
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifestOf(file.package)
  if (name === `@libpod/${file.package}`) return
  const shipped = { ...dependencies, ...optionalDependencies, ...peerDependencies }
  const known = file.isPublished ? shipped : { ...shipped, ...devDependencies, ...rootManifest.devDependencies }
  if (!(name in known)) report(file, `imports ${name}, which its package.json does not name`)
}

function checkArrow(
  file: SourceFile,
  { to, inner, kind }: { to: string; inner: string | undefined; kind: string },
): void {
  if (inner && !(`.${inner}` in (manifestOf(to).exports ?? {})))
    report(file, `imports the inside of @libpod/${to}: ${inner}`)
  if (to === file.package) return
  if (!file.isPublished) return
  const lazily = kind !== 'value' && mayImportLazily[file.package]?.includes(to)
  if (lazily) arrows.add(`${file.package} -. lazy .-> ${to}`)
  else if (mayImport[file.package]?.includes(to)) arrows.add(`${file.package} --> ${to}`)
  else report(file, `${file.package} may not import ${to}`)
}

/** Circles of imports that exist at run time. */
function circles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map(file => [
      file.path,
      file.imports
        .filter(({ from, kind }) => kind === 'value' && from.startsWith('.'))
        .map(({ from }) => resolveImport(file, from)),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}

function drawing(): string {
  const lines = [...arrows].toSorted().map(arrow => `    ${arrow}`)
  return `# Packages\n\nWho imports whom, drawn by \`scripts/arrows.ts\` from the sources.\n\n\`\`\`mermaid\ngraph TD\n${lines.join('\n')}\n\`\`\`\n`
}

const files = sourceFiles()
for (const file of files) {
  if (!(file.package in mayImport)) report(file, `the package ${file.package} has no place in scripts/arrows.ts`)
  for (const one of file.imports) checkImport(file, one)
}
problems.push(...circles(files.filter(({ isPublished }) => isPublished)).map(circle => `a circle: ${circle}`))

const page = join(repository, 'docs/packages.md')
if (process.argv.includes('--write')) writeFileSync(page, drawing())
else if (!existsSync(page) || readFileSync(page, 'utf8') !== drawing())
  problems.push('docs/packages.md is stale: node scripts/arrows.ts --write')

for (const problem of new Set(problems)) console.error(problem)
console.log(`arrows: ${files.length} files, ${arrows.size} arrows, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
