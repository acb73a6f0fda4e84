/**
 * Links modules into one CommonJS script in which each is a function that runs when a member of it is used first: what a command
 * does not use costs it nothing, neither the module nor, for Node's own, its loading. esbuild makes CommonJS of every module;
 * here the places where that loads others become lookups.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type TransformOptions, transform } from 'esbuild'

interface Linked {
  /**
   * A function expression of `(require, __filename, __dirname, made, others)` that gives what loads a module by its number, the
   * entry's being 0, and all modules' factories. `made` takes what was loaded; `others` gives the factories that are missing when
   * only a part of the script is run.
   */
  readonly code: string
  /** Where the factories begin in it, and the last one ends. */
  readonly bounds: readonly number[]
  /** Packages of others that are loaded with `require('./vendor/NAME.cjs')`, and a folder from which each is found. */
  readonly vendors: ReadonlyMap<string, string>
}

export interface LinkOptions {
  readonly entry: string
  readonly root: string
  /** Packages of others that are small and used by every command: they become modules of the script. */
  readonly inline: readonly string[]
  /** The file of one of our own packages' exports. */
  readonly ownPackage: (name: string) => string
}

/** The name under which a package's file is found beside the script. */
export const vendorFile = (name: string): string => `vendor/${name.replaceAll('/', '-')}.cjs`

/** Named so that no module's own names hide them: their bodies use them. */
const prelude = `const __load = n => __made[n] ??= (factories[n] ?? others(n))();
const __lazily = (target, from) => { for (const name of Object.keys(from)) if (!Object.hasOwn(target, name)) Object.defineProperty(target, name, { get: () => from[name], enumerable: true }); return target };
const __withDefault = found => found.__esModule ? found : __lazily({ default: found }, found);
const __foreign = file => __withDefault(require(file));`

/** Everything reachable from the entry, in one script. */
export async function link(options: LinkOptions): Promise<Linked> {
  const numbers = new Map<string, number>()
  const queue: string[] = []
  const vendors = new Map<string, string>()
  const packages = new Set<string>()
  const number = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, queue.length)
    return queue.push(name) - 1
  }
  number(options.entry)
  const factories: string[] = []
  for (let next = 0; next < queue.length; next++) factories.push(await factory(queue[next] ?? ''))
  const named = [...packages].map(name => `${JSON.stringify(name)}: () => ${reference(name, options.entry)}`)
  const own = `const __own = {${named.join(',')}};` // for imports whose name is an expression
  const marked = [...factories.map(each => `"@bound@", ${each}`), '"@bound@"'].join(',\n')
  const code = `linked = (function (require, __filename, __dirname, __made, others) { "use strict"; ${prelude}\nconst factories = [\n${marked}\n];\n${own}\nreturn { load: __load, factories } })`
  const { code: minified } = await transform(code, { minify: true, target: 'node26', charset: 'ascii' })
  return { ...unmarked(inAscii(minified.replace(/^linked=/, '').trimEnd())), vendors }

  async function factory(name: string): Promise<string> {
    if (name.startsWith('node:')) return `() => process.getBuiltinModule(${JSON.stringify(name)})`
    if (!name.startsWith('/')) return inlined(name)
    if (name.endsWith('.json')) {
      const text = JSON.stringify(JSON.parse(readFileSync(name, 'utf8')))
      return `() => ({ default: JSON.parse(${JSON.stringify(text)}) })`
    }
    const { code } = await transform(readFileSync(name, 'utf8'), transformOptions)
    const body = lazy(code, specifier => reference(specifier, name))
    const left = /\b__(?:toESM|toCommonJS|export|reExport|copyProps)\b/.exec(body)
    if (left) throw new Error(`${name}: what esbuild made of it is not understood at ${left[0]}`)
    return `/* ${relative(options.root, name)} */ () => {\n${body}}`
  }

  /** How a module gets at another. */
  function reference(specifier: string, importer: string): string {
    if (specifier.startsWith('node:')) return `__load(${number(specifier)})`
    if (specifier.startsWith('.')) return `__load(${number(join(dirname(importer), specifier))})`
    if (specifier.startsWith('@libpod/')) {
      packages.add(specifier)
      return `__load(${number(options.ownPackage(specifier))})`
    }
    if (options.inline.includes(specifier)) return `__load(${number(specifier)})`
    if (!vendors.has(specifier)) vendors.set(specifier, dirname(importer))
    return `__foreign(${JSON.stringify(`./${vendorFile(specifier)}`)})`
  }

  async function inlined(name: string): Promise<string> {
    const { outputFiles } = await build({
      stdin: { contents: `export * from ${JSON.stringify(name)}`, resolveDir: options.root },
      ...{ bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node26', logLevel: 'warning' },
    })
    return `() => { const module = {};\n${outputFiles[0]?.text}\nreturn module.exports }`
  }
}

/** esbuild leaves regular expressions as they are, and the start reads a byte for a character. */
const inAscii = (code: string): string =>
  code.replaceAll(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

function unmarked(marked: string): Pick<Linked, 'code' | 'bounds'> {
  const parts = marked.split(/"@bound@",?/)
  const bounds = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('').length)
  return { code: parts.join(''), bounds }
}

const transformOptions = {
  loader: 'ts',
  format: 'cjs',
  platform: 'node',
  target: 'node26',
  supported: { 'dynamic-import': false },
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'import.meta.resolve': 'require.resolve',
    'import.meta.url': '__fileUrl',
  },
} satisfies TransformOptions

/** esbuild's helpers, at the beginning of every module. */
const helpers = /^(?:"use strict";\n)?(?:var __\w+ = .*\n(?:[ })].*\n)*)*/
const exported = /^__export\(\w+, \{\n((?: {2}.*\n)+)\}\);\n/m

/** The body of a module's factory: what it imports is looked up where it is used, what it exports is what it returns. */
function lazy(code: string, reference: (specifier: string) => string): string {
  const members = exported.exec(code)?.[1] ?? ''
  const wholes: string[] = []
  const lazyNames: string[] = []
  const body = code
    .replace(helpers, '')
    .replace(/^var \w+_exports = \{\};\n/m, '')
    .replace(exported, '')
    .replace(/^module\.exports = __toCommonJS\(\w+\);\n/m, '')
    .replace(/^\/\/ Annotate the CommonJS export names[\s\S]*$/m, '')
    .replaceAll(/^__reExport\(\w+, require\("(.+)"\), module\.exports\);$/gm, (_, specifier: string) => {
      wholes.push(reference(specifier))
      return ''
    })
    .replaceAll(/^var (import_\w+) = (?:__toESM\()?require\("(.+?)"\)\)?;$/gm, (_, name: string, specifier: string) => {
      lazyNames.push(name)
      return `const ${name} = () => ${reference(specifier).replace(/^__load\((\d+)\)$/, '(__made[$1] ?? __load($1))')};`
    })
    .replaceAll(/(?:__toESM\()?\brequire\("(.+?)"\)\)?/g, (_, specifier: string) => reference(specifier))
    .replaceAll(/__toESM\(require\((\w+)\)\)/g, '(__own[$1]?.() ?? __withDefault(require($1)))')
    .replaceAll(/(?<=^|\.\.\.|[^.\w$])(import_\w+)\./g, (found, name: string) =>
      lazyNames.includes(name) ? `(${name}()).` : found,
    )
    .replaceAll(
      /(?<=^|[^.\w$])__fileUrl(?!\w)/g,
      `__load(${/^__load\((\d+)\)/.exec(reference('node:url'))?.[1]}).pathToFileURL(__filename).href`,
    )
  const literal = `{${members.replaceAll(/^ {2}(\S+): \(\) => (.*?),?$/gm, (_, name: string, value: string) => member(name, value, lazyNames))}}`
  return `${body}\nreturn ${wholes.reduce((target, from) => `__lazily(${target}, ${from})`, literal)}\n`
}

function member(name: string, value: string, lazyNames: readonly string[]): string {
  const from = value.split('.')[0] ?? ''
  return lazyNames.includes(from)
    ? `get ${name}() { return ${value.replace(from, `${from}()`)} },`
    : `${name}: ${value},`
}
