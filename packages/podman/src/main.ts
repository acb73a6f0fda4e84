import { existsSync, openSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { checkArguments } from './cli/arguments.ts'
import type { AnyCommand } from './cli/command.ts'
import { type Found, findCommand, MissingCommand } from './cli/find.ts'
import { type Flags, finished } from './cli/flag.ts'
import { HelpRequested, type Parsed, type ParseOptions, parseFlags } from './cli/parse.ts'
import { UsageError } from './cli/usage-error.ts'
import { table } from './commands/table.ts'
import { ExitStatus, judge } from './exit-codes.ts'
import { type Globals, globalFlags, logLevel, rootFlags } from './global-flags.ts'
import type { Say } from './log.ts'
import { engineOpener, type Self } from './open-engine.ts'
import { refusedByHooks } from './preexec-hooks.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { podmanVersion } from './version.ts'

type Root = Parsed<typeof rootFlags>

/**
 * Runs one command line (without interpreter and script) and resolves to the exit status. A plain user's goes on in another
 * process of the same pid, in the user's namespace; `beforeReplaced` is called before.
 */
export async function main(argv: readonly string[], self: Self, beforeReplaced = () => {}): Promise<number> {
  try {
    return (await refusedByHooks(argv)) ?? (await dispatch(argv, self, beforeReplaced))
  } catch (error) {
    if (error instanceof MissingCommand) await showHelp(error.words)
    const verdict = judge(error)
    if (verdict.message !== undefined) openTerminal().err(`${verdict.prefix}${verdict.message}\n`)
    return verdict.status
  }
}

async function dispatch(argv: readonly string[], self: Self, beforeReplaced: () => void): Promise<number> {
  const root = readFlags(argv, rootFlags, { path: 'podman', flagsStand: 'before' })
  if (root === 'help') return showHelp([])
  if (root.values.help) return showHelp([], serviceOf(root.values))
  if (root.values.version) return print(`podman version ${podmanVersion}\n`)
  if (root.args[0] === 'help') return showHelp(root.args.slice(1))
  if (root.args[0] === '__complete' || root.args[0] === '__completeNoDesc') return replyToShell(root.args, self)
  needModules(root.values.module)
  const found = findCommand(table, root.args, globalFlags)
  if ('help' in found) return showHelp(found.help)
  refuseRemote(root.values)
  if (process.env._CONTAINERS_ROOTLESS_UID !== undefined || process.geteuid?.() !== 0) {
    const { enterNamespace } = await import('./enter-namespace.ts')
    await enterNamespace({
      found,
      root,
      again: [...self, ...argv],
      beforeReplaced,
    })
  }
  const { command } = await found.row.load()
  return runCommand({ ...found, command, root, self })
}

async function replyToShell([how, ...line]: readonly string[], self: Self): Promise<number> {
  const { replyToShell: reply } = await import('./complete/reply.ts')
  return reply({ line, descriptions: how === '__complete' ? 'with' : 'without' }, openTerminal(), self)
}

interface Job extends Found {
  readonly command: AnyCommand
  readonly root: Root
  readonly self: Self
}

async function runCommand({ command, path, words, rest, root, self }: Job): Promise<number> {
  const flags: Flags = { ...globalFlags, ...command.flags }
  const parsed = readFlags(rest, flags, { path, flagsStand: command.flagsStand ?? 'anywhere' })
  if (parsed === 'help') return showHelp(words)
  const globals = mergeGlobals(root, parsed, command.flags)
  // As Podman has it: what reads credentials, here or in a helper, finds them in docker's way.
  if (globals.values.config) process.env.DOCKER_CONFIG = globals.values.config
  const level = levelOf(globals, root)
  checkArguments(command.args, parsed.args, path)
  const io = openTerminal(outDescriptor(globals.values.out, root.values.noout))
  const say = await startLogging(level, { path, io })
  const opener = engineOpener(globals, self, io.warn)
  try {
    return await command.run(
      { flags: await finished(parsed, flags, io), given: parsed.given, args: parsed.args, path },
      io,
      opener.engine,
    )
  } finally {
    say?.('debug', 'Shutting down engines')
    await opener.close()
  }
}

/** Nothing is loaded for the levels at which an ordinary run is silent; `PODMAN_TRACE` asks for the most talkative. */
async function startLogging(level: string, { path, io }: { path: string; io: Terminal }): Promise<Say | undefined> {
  const wanted = process.env.PODMAN_TRACE ? 'trace' : level.toLowerCase()
  if (!['trace', 'debug', 'info'].includes(wanted)) return undefined
  const { isChatty, startLog } = await import('./log.ts')
  return isChatty(wanted) ? startLog(wanted, { path, line: process.argv.slice(2), io }) : undefined
}

/** Where standard output goes: 1, or the file of `--out`. */
function outDescriptor(path: string | undefined, silenced: boolean): number {
  const target = silenced ? '/dev/null' : path
  return target === undefined ? 1 : openSync(target, 'w', 0o644)
}

/** Global options given after the command's name win over those before it. */
function mergeGlobals(root: Root, parsed: Parsed<Flags>, own: Flags): Globals {
  const names = Object.keys(globalFlags).filter(name => !Object.hasOwn(own, name) && parsed.given.has(name))
  const later = Object.fromEntries(names.map(name => [name, parsed.values[name]]))
  const given = new Set([...root.given, ...names]) as Set<keyof typeof globalFlags>
  return { values: { ...root.values, ...later }, given, args: [] }
}

/** A file that is named must be there, whatever the command is. Throws ExitStatus. */
function needModules(names: readonly string[]): void {
  const missing = names.find(name => isAbsolute(name) && !existsSync(name))
  if (missing === undefined) return
  const reason = `could not resolve module ${JSON.stringify(missing)}: faccessat ${missing}: no such file or directory`
  throw new ExitStatus(1, `Failed to obtain podman configuration: ${reason}`, 'as-it-is')
}

const remoteFlags = ['connection', 'url', 'host', 'identity', 'tls-ca', 'tls-cert', 'tls-key'] as const

function refuseRemote(values: Root['values']): void {
  const name = remoteFlags.find(one => values[one]) ?? (values.remote ? 'remote' : undefined)
  if (name) throw new UsageError(`--${name}: there is no remote client here; this program works on its own host only`)
}

/** The level to log at; `--debug` is Docker's way to say so. Throws ExitStatus. */
function levelOf(globals: Globals, root: Root): string {
  const level = globals.values['log-level']
  if (root.values.debug && globals.given.has('log-level'))
    throw new ExitStatus(1, 'Setting --log-level and --debug is not allowed', 'as-it-is')
  if (logLevel(level)) return root.values.debug ? 'debug' : level
  const choice = 'choose from: trace, debug, info, warn, warning, error, fatal, panic'
  throw new ExitStatus(1, `Log Level ${JSON.stringify(level)} is not supported, ${choice}`, 'as-it-is')
}

/** Flags of one level; an error names the help page to read. */
function readFlags<F extends Flags>(
  argv: readonly string[],
  flags: F,
  options: ParseOptions & { readonly path: string },
) {
  try {
    return parseFlags(argv, flags, options)
  } catch (error) {
    if (error instanceof HelpRequested) return 'help'
    if (error instanceof UsageError) throw new UsageError(`${error.message}\nSee '${options.path} --help'`)
    throw error
  }
}

function serviceOf({ url, connection }: Root['values']): 'offered' | 'chosen' {
  const { CONTAINER_HOST, CONTAINER_CONNECTION } = process.env
  return url || connection || CONTAINER_HOST || CONTAINER_CONNECTION ? 'chosen' : 'offered'
}

async function showHelp(words: readonly string[], service?: 'offered' | 'chosen'): Promise<number> {
  const { helpPage } = await import('./help-page.ts')
  return print(await helpPage(words, service))
}

function print(text: string): number {
  openTerminal().out(text)
  return 0
}
