/**
 * Installs every package alone: packs it, puts its tarball with those of the @libpod packages that it names into an empty folder,
 * lets the compiler check a program that imports it, and runs the example of its README there. Usage: node scripts/pack-smoke.ts [name …]
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repository } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

const scratch = mkdtempSync(join(tmpdir(), 'libpod-pack-'))
const call = (program: string, args: readonly string[], cwd: string): string => {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`.trim(), { cause: error })
  }
}

const manifests = new Map(
  globSync('packages/*/package.json', { cwd: repository }).map(path => {
    const manifest = JSON.parse(readFileSync(join(repository, path), 'utf8')) as Manifest
    return [manifest.name, { ...manifest, folder: join(repository, path, '..') }] as const
  }),
)

const tarballs = new Map<string, string>()
function tarballOf(name: string): string {
  const folder = manifests.get(name)?.folder ?? ''
  return tarballs.getOrInsertComputed(name, () => {
    const packed = JSON.parse(
      call('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], folder),
    )
    // npm 12 answers with a record by name, earlier ones with a list.
    const [{ filename }] = Object.values(packed) as [{ filename: string }]
    return join(scratch, filename)
  })
}

/** A package and the @libpod packages below it. */
function withNeighbours(name: string): string[] {
  const own = Object.keys(manifests.get(name)?.dependencies ?? {}).filter(dependency => manifests.has(dependency))
  return [...new Set([name, ...own.flatMap(withNeighbours)])]
}

function install(name: string): string {
  const folder = join(scratch, name.replace('/', '-'))
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'alone', private: true, type: 'module' }))
  const files = withNeighbours(name).map(tarballOf)
  call(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--no-package-lock', ...files],
    folder,
  )
  return folder
}

const compilerOptions = {
  ...{
    target: 'es2024',
    lib: ['es2024', 'esnext'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  },
  ...{
    exactOptionalPropertyTypes: true,
    erasableSyntaxOnly: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
  },
}

function checkTypes(name: string, folder: string): void {
  writeFileSync(
    join(folder, 'consumer.ts'),
    `import * as everything from '${name}'\nexport const names: readonly string[] = Object.keys(everything)\n`,
  )
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  call(join(repository, 'node_modules/.bin/tsc'), ['-p', folder], folder)
}

/** The first TypeScript block of a README is its example, and must run as it stands. */
function example(folder: string): string {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const block = /^```ts\n([\s\S]*?)^```/m.exec(readme)?.[1]
  if (block === undefined) throw new Error(`${folder}/README.md has no example in TypeScript`)
  return block
}

/** The README of the whole shows the engine. */
const readmes = (name: string): string[] => {
  const own = manifests.get(name)?.folder ?? ''
  return name === '@libpod/libpod' ? [own, repository] : [own]
}

function smoke(name: string): void {
  const folder = install(name)
  const examples = readmes(name).map((readme, number) => {
    writeFileSync(join(folder, `example${number}.ts`), example(readme))
    return `example${number}.ts`
  })
  checkTypes(name, folder)
  for (const file of examples) call(process.execPath, ['--disable-warning=ExperimentalWarning', file], folder)
}

/** Examples need not spend lines on tidying up after themselves. */
const exampleFolders = (): string[] => globSync('*example-*', { cwd: tmpdir() })
const earlier = new Set(exampleFolders())

const wanted = process.argv.slice(2).map(name => `@libpod/${name}`)
const names = [...manifests.values()].filter(({ private: hidden }) => !hidden).map(({ name }) => name)
let failures = 0
for (const name of wanted.length > 0 ? wanted : names) {
  try {
    smoke(name)
    console.log(`${name}: installed alone, types checked, example run`)
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`)
    failures++
  }
}
for (const left of exampleFolders())
  if (!earlier.has(left)) rmSync(join(tmpdir(), left), { recursive: true, force: true })
rmSync(scratch, { recursive: true, force: true })
process.exitCode = failures === 0 ? 0 : 1
