/**
 * Makes dist/podman.js: the command line and every package it uses as one program, with a chunk for each command that is loaded
 * when that command runs. The worker of @libpod/storage lies beside the chunks, where storage looks for it.
 */
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/**
 * Importing `node:fs` makes Node read every member of it, and so load its promises, streams and readline: 5 ms; `node:crypto`,
 * `node:net` and `node:zlib` are as dear. In the bundle each member is looked up when it is used, so a command loads what it
 * runs, not what it might.
 */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onLoad, onResolve }) {
    onResolve(
      {
        filter:
          /^(node:|(fs|path|os|util|url|stream|events|buffer|crypto|zlib|net|tls|http|https|http2|assert|child_process|worker_threads|string_decoder|querystring|async_hooks|diagnostics_channel|perf_hooks|timers|console|dns)(\/.*)?$)/,
      },
      ({ path }) => ({
        path: path.startsWith('node:') ? path : `node:${path}`,
        namespace: 'builtin',
      }),
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: lazyModule(path), loader: 'js' }))
  },
}

/** A module with the members of a builtin, each read from it on use. */
function lazyModule(path: string): string {
  const builtin: object = process.getBuiltinModule(path) ?? {}
  const names = Object.getOwnPropertyNames(builtin).filter(name => /^[A-Za-z_$][\w$]*$/.test(name))
  const members = names.map(name => `get ${name}(){return load().${name}}`)
  // Modules that are functions (events, stream, assert) are extended and called as a whole.
  if (typeof builtin === 'function') return `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`
  return `const load = () => process.getBuiltinModule(${JSON.stringify(path)})\nmodule.exports = {${members.join(',')}}`
}

const result = await build({
  entryPoints: {
    podman: join(root, 'bin/podman.ts'),
    'app/storage.worker': join(root, '../storage/src/worker/storage.worker.ts'),
  },
  outdir: dist,
  chunkNames: 'app/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  legalComments: 'linked',
  platform: 'node',
  format: 'esm',
  target: 'node26',
  conditions: ['development'],
  plugins: [builtins],
  metafile: true,
  logLevel: 'warning',
})

chmodSync(join(dist, 'podman.js'), 0o755)
removeStale(Object.keys(result.metafile.outputs))
const bytes = Object.values(result.metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0)
console.log(
  `dist/podman.js and ${Object.keys(result.metafile.outputs).length - 1} chunks, ${Math.round(bytes / 1024)} KiB`,
)

/** Chunks of earlier builds, and the compiled code kept for them. */
function removeStale(outputs: readonly string[]): void {
  const fresh = new Set(outputs.map(path => basename(path)))
  for (const name of readdirSync(join(dist, 'app'))) if (!fresh.has(name)) rmSync(join(dist, 'app', name))
  rmSync(join(dist, '.compile-cache'), { recursive: true, force: true })
}
