/**
 * Makes the command line and every package it uses one program: dist/podman.js starts app/podman.cjs, which holds all of our own
 * modules (see link.ts); each package of others is a file beside it, loaded when used; so is the worker of @libpod/storage, where
 * storage looks for it.
 */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { link, vendorFile } from './link.ts'

const root = join(import.meta.dirname, '..')
const packages = join(root, '..')
const dist = join(root, 'dist')
const app = join(dist, 'app')

const common = {
  ...{ bundle: true, minify: true, legalComments: 'linked', platform: 'node', target: 'node26' },
  ...{ conditions: ['development'], logLevel: 'warning' },
} satisfies BuildOptions

interface Exports {
  readonly exports: Readonly<Record<string, { readonly development: string }>>
}

/** `@libpod/storage/worker` and its like, as sources. */
function ownPackage(name: string): string {
  const [, folder = '', ...rest] = name.split('/')
  const directory = join(packages, folder)
  const { exports } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Exports
  const found = exports[['.', ...rest].join('/')]
  if (!found) throw new Error(`${name} is not exported`)
  return join(directory, found.development)
}

/** Of undici what is used: its mocks, caches, fetch and HTTP/2 take three times as long to load as that. */
const partOfUndici = `
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js')
Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'))
exports.Agent = require('undici/lib/dispatcher/agent.js')
exports.ProxyAgent = require('undici/lib/dispatcher/proxy-agent.js')
`

const reduced: Plugin = {
  name: 'reduced',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /\/undici\/index\.js$/ }, ({ path }) => ({ contents: partOfUndici, resolveDir: dirname(path) }))
    // undici tries to load HTTP/2, and does without where that fails.
    onResolve({ filter: /^node:http2$/ }, ({ path, importer }) =>
      importer.includes('/undici/') ? { path, namespace: 'left-out' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'throw new Error("left out")' }))
  },
}

function bundleVendors(vendors: ReadonlyMap<string, string>) {
  const entryPoints = [...vendors].map(([name, from]) => ({
    in: createRequire(join(from, 'importer.js')).resolve(name),
    out: vendorFile(name).replace(/\.cjs$/, ''),
  }))
  return build({
    ...common,
    entryPoints,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    outdir: app,
    outExtension: { '.js': '.cjs' },
    plugins: [reduced],
  })
}

/** What the start imports as the program is the linked script; what was kept for another script is never used with it. */
const linkedProgram = (version: string): Plugin => ({
  name: 'linked-program',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/program\.ts$/ }, ({ path }) => ({ path, namespace: 'program' }))
    onLoad({ filter: /.*/, namespace: 'program' }, () => ({
      contents: `import { openApp } from './app.ts'
const { main, keep } = openApp(import.meta.dirname, ${JSON.stringify(version)})
export { main, keep }`,
      resolveDir: join(root, 'bin'),
    }))
  },
})

function bundleStart(version: string) {
  const entryPoints = [join(root, 'bin/podman.ts')]
  return build({ ...common, format: 'esm', entryPoints, outdir: dist, plugins: [linkedProgram(version)] })
}

/** CommonJS: a thread need not load Node's loader of ES modules for it. Not linked as the program is, for nearly all of it is hot. */
function bundleWorker() {
  const entryPoints = [ownPackage('@libpod/storage/worker')]
  return build({ ...common, format: 'cjs', entryPoints, outdir: app, outExtension: { '.js': '.cjs' } })
}

for (const stale of ['app', '.compile-cache']) rmSync(join(dist, stale), { recursive: true, force: true })
mkdirSync(app, { recursive: true })
const { code, bounds, vendors } = await link({
  entry: join(root, 'src/main.ts'),
  root: packages,
  inline: ['smol-toml'],
  ownPackage,
})
writeFileSync(join(app, 'podman.cjs'), code)
writeFileSync(join(app, 'bounds.json'), JSON.stringify(bounds))
await bundleVendors(vendors)
await bundleWorker()
await bundleStart(createHash('sha256').update(code).digest('hex').slice(0, 16))
chmodSync(join(dist, 'podman.js'), 0o755)
console.log(`dist/podman.js, ${Math.round(code.length / 1024)} KiB, and ${vendors.size} packages of others`)
