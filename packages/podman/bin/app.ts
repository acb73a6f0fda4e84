/**
 * The program as the bundle has it: one script of all modules. For each command a part of it is kept, with the modules that the
 * command used when it was run before and what V8 made of them.
 */
export interface App {
  readonly main: typeof import('../src/main.ts').main
  /** Keeps for the next run of the command what it used and V8 has compiled by now. Nothing is told when it cannot be kept. */
  keep(): void
}

/** Runs of a part in which functions are still met for the first time; afterwards nothing is written any more. */
const learning = 2

/** Nothing is imported: of Node's own modules, `import` would load what they load only when needed. */
const fs = process.getBuiltinModule('node:fs')

/** What the script gives; see link.ts. */
interface Linked {
  load(module: number): unknown
  readonly factories: readonly ((() => unknown) | undefined)[]
}

/**
 * Loads the script beside this program, or the part of it that the command needs.
 * @param version names the script's content: V8 itself looks only at its length
 */
export function openApp(directory: string, version: string): App {
  const { Script } = process.getBuiltinModule('node:vm')
  const file = `${directory}/app/podman.cjs`
  const require = requireWithCache(file, `${directory}/.compile-cache`)
  const flags = process.execArgv.join('').replaceAll(/\W/g, '') // V8 takes nothing that was made under others
  const caches = [`${directory}/.compile-cache`, ...userCaches()].map(
    cache => `${cache}/${process.version}-${process.arch}-${flags}-${version}`,
  )
  const command = process.geteuid?.() === 0 ? commandOf(process.argv.slice(2)) : 'plain-user'
  const made: unknown[] = []
  const run = (source: string, cachedData?: Uint8Array) => {
    const script = new Script(source, { filename: file, ...(cachedData?.length ? { cachedData } : {}) })
    const linked: Linked = script.runInThisContext()(require, file, `${directory}/app`, made, others)
    return { script, linked }
  }
  const whole = () => run(fs.readFileSync(file, 'latin1'))
  let rest: ReturnType<typeof whole> | undefined
  const others = (module: number) => {
    rest ??= whole()
    return rest.linked.factories[module]
  }
  const kept = firstOf(caches, cache => {
    const part = parsePart(readOwn(`${cache}/${command}`))
    return { part, ...run(part.source, part.code) }
  })
  const { script, linked } = kept ?? whole()
  const { main } = linked.load(0) as Pick<App, 'main'>
  const runs = script.cachedDataRejected === false ? (kept?.part.runs ?? 0) : 0
  const next = (): Part =>
    kept && !rest
      ? { source: kept.part.source, code: script.createCachedData(), runs: runs + 1 }
      : { source: partOf(directory, kept?.linked.factories ?? [], made), code: Buffer.alloc(0), runs: 0 }
  const keep = (): void => {
    if (!kept || rest || runs < learning) firstOf(caches, cache => write(cache, command, next()))
  }
  return { main, keep }
}

/**
 * For packages of others: Node keeps what V8 makes of them, a third of the time that undici takes to load. Beside the program and
 * nowhere else, for Node does not look whose files it finds.
 */
function requireWithCache(file: string, cache: string): NodeJS.Require {
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module')
  const require = createRequire(file)
  const cached = (name: string): unknown => {
    enableCompileCache(cache)
    return require(name)
  }
  return Object.assign(cached, require)
}

/** The modules that were used now or before; a place is left for every other. */
function partOf(directory: string, factories: Linked['factories'], made: readonly unknown[]): string {
  const script = fs.readFileSync(`${directory}/app/podman.cjs`, 'latin1')
  const bounds = JSON.parse(fs.readFileSync(`${directory}/app/bounds.json`, 'latin1')) as readonly number[]
  const used = (module: number): boolean => made[module] !== undefined || factories[module] !== undefined
  const modules = bounds.slice(1).map((end, module) => (used(module) ? script.slice(bounds[module], end) : ','))
  return `${script.slice(0, bounds[0])}${modules.join('')}${script.slice(bounds.at(-1))}`
}

/**
 * A part of the script as it is kept: two lengths and the runs in 16 bytes, V8's code (which it would copy from a place that eight
 * does not divide), the source.
 */
interface Part {
  readonly source: string
  readonly code: Buffer
  readonly runs: number
}

const head = 16

function parsePart(bytes: Buffer): Part {
  const end = head + bytes.readUInt32LE(0)
  if (bytes.length !== end + bytes.readUInt32LE(4)) throw new Error('cut off')
  return { source: bytes.toString('latin1', end), code: bytes.subarray(head, end), runs: bytes.readUInt32LE(8) }
}

function bytesOf({ source, code, runs }: Part): Buffer {
  const start = Buffer.alloc(head)
  for (const [index, number] of [code.length, source.length, runs].entries()) start.writeUInt32LE(number, 4 * index)
  return Buffer.concat([start, code, Buffer.from(source, 'latin1')])
}

/** None for whoever has no home. */
function userCaches(): readonly string[] {
  const { HOME, XDG_CACHE_HOME } = process.env
  const cache = XDG_CACHE_HOME || (HOME ? `${HOME}/.cache` : '')
  return cache.startsWith('/') ? [`${cache}/podman-node`] : []
}

/** A guess: a value of a global option may look like a command. It only names what is kept, so that each has its own functions. */
const commandOf = (argv: readonly string[]): string =>
  argv.find(word =>
    /^(attach|build|commit|container|cp|create|exec|images?|import|info|inspect|kill|load|logs|network|pod|ps|pull|push|rmi?|run|save|start|stats|stop|top|volume|wait)$/.test(
      word,
    ),
  ) ?? 'other'

/** What another user wrote would be code of theirs. */
function readOwn(path: string): Buffer {
  const file = fs.openSync(path, 'r')
  try {
    if (fs.fstatSync(file).uid !== process.geteuid?.()) throw new Error(`${path} is not ours`)
    return fs.readFileSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function write(directory: string, name: string, part: Part): true {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = `${directory}/${name}.${process.pid}`
  fs.writeFileSync(draft, bytesOf(part), { mode: 0o600, flush: true }) // V8 trusts it: it must be whole whatever happens
  fs.renameSync(draft, `${directory}/${name}`)
  return true
}

function firstOf<T>(directories: readonly string[], act: (directory: string) => T): T | undefined {
  for (const directory of directories) {
    try {
      return act(directory)
    } catch {
      // The next one, or none.
    }
  }
  return undefined
}
