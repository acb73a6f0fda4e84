/** The program as the bundle has it: one script, with what V8 made of it when the same command ran before. */
export interface App {
  readonly main: typeof import('../src/main.ts').main
  /** Keeps what V8 has compiled by now for the next run of the command. Nothing is told when it cannot be kept. */
  keep(): void
}

/** Runs in which functions are still met for the first time; afterwards nothing is written any more. */
const learning = 3

/** Nothing is imported: of Node's own modules, `import` would load what they load only when needed. */
const fs = process.getBuiltinModule('node:fs')

/**
 * Loads the script beside this program.
 * @param version names the script's content: V8 itself looks only at its length
 */
export function openApp(directory: string, version: string): App {
  const { Script } = process.getBuiltinModule('node:vm')
  const file = `${directory}/app/podman.cjs`
  const flags = process.execArgv.join('').replaceAll(/\W/g, '') // V8 takes nothing that was made under others
  const caches = [`${directory}/.compile-cache`, ...userCaches()].map(
    cache => `${cache}/${process.version}-${process.arch}-${flags}-${version}`,
  )
  const command = commandOf(process.argv.slice(2))
  const kept = firstOf(caches, cache => readOwn(`${cache}/${command}`))
  const script = new Script(fs.readFileSync(file, 'latin1'), {
    filename: file,
    ...(kept ? { cachedData: kept.subarray(0, -1) } : {}),
  })
  const require = process.getBuiltinModule('node:module').createRequire(file)
  const { main } = script.runInThisContext()(require, file, `${directory}/app`) as App
  // The last byte counts the runs that it was learnt from.
  const runs = script.cachedDataRejected === false ? (kept?.at(-1) ?? 0) : 0
  const keep = (): void => {
    if (runs >= learning) return
    const bytes = Buffer.concat([script.createCachedData(), Uint8Array.of(runs + 1)])
    firstOf(caches, cache => write(cache, command, bytes))
  }
  return { main, keep }
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
    /^(attach|build|container|cp|create|exec|images?|info|inspect|kill|logs|network|pod|ps|pull|rmi?|run|start|stats|stop|top|volume|wait)$/.test(
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

function write(directory: string, name: string, bytes: Uint8Array): true {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = `${directory}/${name}.${process.pid}`
  fs.writeFileSync(draft, bytes, { mode: 0o600, flush: true }) // V8 trusts it: it must be whole whatever happens
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
