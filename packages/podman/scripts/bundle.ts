/**
 * Makes the command line and every package it uses one program: dist/podman.js starts app/main.cjs, which holds all of our own
 * modules but the commands; each command is a chunk of its own beside it, as is each package of others, loaded when used; so is
 * the worker of @libpod/storage, where storage looks for it. Few files that are read whole are quicker than many small ones,
 * and CommonJS loads a file, and Node's own modules, with less work than ES modules do.
 */
import { chmodSync, globSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const commands = join(root, 'src/commands')

const common = {
  bundle: true,
  minify: true,
  legalComments: 'linked',
  platform: 'node',
  target: 'node26',
  conditions: ['development'],
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions

const commonJs = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'import.meta.resolve': 'importMetaResolve',
    'import.meta.url': 'importMetaUrl',
  },
  banner: {
    js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href, importMetaResolve = require.resolve;',
  },
} satisfies BuildOptions

/**
 * Node's own modules are looked up when a member of theirs is used, not when a module that might use it is loaded:
 * `node:crypto`, `node:zlib` and `node:net` take 5 ms each.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }))
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: lazyModule(path), loader: 'js' }))
  },
}

function lazyModule(path: string): string {
  const load = `process.getBuiltinModule(${JSON.stringify(path)})`
  const builtin: unknown = process.getBuiltinModule(path)
  // Those that are functions (events, stream, assert) are extended and called as a whole.
  if (typeof builtin !== 'object' || builtin === null) return `module.exports = ${load}`
  const names = Object.getOwnPropertyNames(builtin).filter(name => /^[A-Za-z_$][\w$]*$/.test(name))
  return `module.exports = {${names.map(name => `get ${name}() { return ${load}.${name} }`).join(',')}}`
}

/** Of our packages, too, a file is loaded when a member of it is used first: `ps` needs few of storage's sixty. */
const packages: Plugin = {
  name: 'packages',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@libpod\// }, ({ path }) => ({ path, namespace: 'package' }))
    onLoad({ filter: /.*/, namespace: 'package' }, async ({ path }) => ({
      contents: await lazyPackage(import.meta.resolve(path)),
      resolveDir: root,
    }))
  },
}

type Members = Readonly<Record<string, unknown>>

/** @param index URL of the module that a package exports */
async function lazyPackage(index: string): Promise<string> {
  const members = (await import(index)) as Members
  const homes = new Map(Object.keys(members).map(name => [name, index]))
  for (const [, path = ''] of readFileSync(new URL(index), 'utf8').matchAll(
    /^(?:export (?!type)|\}).* from '(\..+)'$/gm,
  )) {
    const file = new URL(path, index).href
    for (const [name, member] of Object.entries((await import(file)) as Members))
      if (members[name] === member) homes.set(name, file)
  }
  const getters = [...homes].map(
    ([name, home]) => `get ${name}() { return require(${JSON.stringify(fileURLToPath(home))}).${name} }`,
  )
  return `module.exports = {${getters.join(',')}}`
}

/**
 * The files that hold our modules: `main` the command line and the engine, the others a package each. What is small is read
 * and checked fast, and `ps` needs little beyond main.
 */
const homes = ['main', 'go-template', 'image', 'runtime-tools', 'cni', 'conmon', 'storage', 'syscall'] as const
type Home = (typeof homes)[number]
/** Our modules that other files use. */
const shared = new Map(homes.map(home => [home, new Set<string>()]))
/** Packages of others, and who imports them first. */
const vendors = new Map<string, string>()

function homeOf(path: string): Home {
  const name = relative(join(root, '..'), path).split('/')[0]
  return homes.find(home => home === name) ?? 'main'
}

const isOwn = (path: string) => !path.includes('/node_modules/')
const isCommand = (path: string) => dirname(path).startsWith(commands) && !path.endsWith('/table.ts')
const chunkOf = (path: string) => `commands/${relative(commands, path).replaceAll('/', '-').replace(/\.ts$/, '.cjs')}`
const vendorChunk = (name: string) => `vendor/${name.replaceAll('/', '-')}.cjs`

/** Leaves out of a file what has a file of its own; `chunk` is where the file itself comes to lie. */
const apart = (chunk: (importer: string) => string, here: Home | 'commands'): Plugin => ({
  name: 'apart',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /\.cjs$/ }, ({ path, namespace }) =>
      namespace === 'shared' ? { path, external: true } : undefined,
    )
    onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'resolving' || path.startsWith('node:') || kind === 'entry-point') return undefined
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: 'resolving' })
      if (found.external || found.errors.length > 0) return found
      const beside = (other: string) => `./${relative(dirname(chunk(importer)), other)}`
      if (!isOwn(found.path) && isOwn(importer)) {
        if (!vendors.has(path)) vendors.set(path, resolveDir)
        return { path: beside(vendorChunk(path)), external: true }
      }
      if (isCommand(found.path)) return { path: beside(chunkOf(found.path)), external: true }
      const home = homeOf(found.path)
      if (home === here || !isOwn(found.path)) return found
      shared.get(home)?.add(found.path)
      return { path: found.path, namespace: 'shared' }
    })
    onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
      contents: `module.exports = require('${here === 'commands' ? '..' : '.'}/${homeOf(path)}.cjs').modules[${JSON.stringify(relative(root, path))}]()`,
      resolveDir: root,
    }))
  },
})

function bundleCommands() {
  const files = globSync(join(commands, '**/*.ts')).filter(path => isCommand(path) && !path.endsWith('/group.ts'))
  return build({
    ...commonJs,
    entryPoints: files.map(path => ({ in: path, out: chunkOf(path).replace(/\.cjs$/, '') })),
    outdir: join(dist, 'app'),
    plugins: [packages, apart(chunkOf, 'commands')],
  })
}

function bundleHome(home: Home) {
  const module = (path: string) => `${JSON.stringify(relative(root, path))}: () => require(${JSON.stringify(path)}),`
  const modules = [...(shared.get(home) ?? [])].toSorted().map(module).join('\n')
  const main = home === 'main' ? "exports.main = require('./src/main.ts').main" : ''
  return build({
    ...commonJs,
    stdin: { contents: `exports.modules = {\n${modules}\n}\n${main}`, resolveDir: root },
    outfile: join(dist, `app/${home}.cjs`),
    plugins: [builtins, packages, apart(() => `${home}.cjs`, home)],
  })
}

function bundleVendors() {
  const entryPoints = [...vendors].map(([name, from]) => ({
    in: createRequire(join(from, 'importer.js')).resolve(name),
    out: vendorChunk(name).replace(/\.cjs$/, ''),
  }))
  return build({ ...commonJs, entryPoints, outdir: join(dist, 'app') })
}

/** What the start imports as main.ts is main.cjs: by `require`, for an import would read the whole file for its exports first. */
const startOfMain: Plugin = {
  name: 'start-of-main',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /src\/main\.ts$/ }, ({ path }) => ({ path, namespace: 'main' }))
    onLoad({ filter: /.*/, namespace: 'main' }, () => ({
      contents: `import { createRequire } from 'node:module'\nexport const { main } = createRequire(import.meta.url)('./app/main.cjs')`,
    }))
  },
}

const bundleStart = () =>
  build({
    ...common,
    format: 'esm',
    entryPoints: {
      podman: join(root, 'bin/podman.ts'),
      'app/storage.worker': join(root, '../storage/src/worker/storage.worker.ts'),
    },
    outdir: dist,
    plugins: [startOfMain],
  })

const sizeOf = ({ outputs }: Metafile) => Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0)

for (const stale of ['app', '.compile-cache']) rmSync(join(dist, stale), { recursive: true, force: true })
const ofCommands = await bundleCommands()
const ofHomes: { metafile: Metafile }[] = []
for (const home of homes) ofHomes.push(await bundleHome(home)) // in the order of who uses whom
const results = [ofCommands, ...ofHomes, await bundleVendors(), await bundleStart()]
chmodSync(join(dist, 'podman.js'), 0o755)
const bytes = results.reduce((sum, { metafile }) => sum + sizeOf(metafile), 0)
console.log(
  `dist/podman.js and ${Object.keys(ofCommands.metafile.outputs).length} commands, ${Math.round(bytes / 1024)} KiB`,
)
